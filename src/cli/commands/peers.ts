/** `mcpp peers`: who is known, whom to connect to, where to look. @module */

import type { CliContext } from "../context.ts";
import { MAX_FOUND, type MeshAccess, withMesh } from "../mesh-access.ts";
import { shortPeer } from "../mesh-facts.ts";
import type { DiscoverFlags, MeshFlags } from "../mesh-routes.ts";
import { type Output, oneLine } from "../output.ts";
import {
  type ConnectionRow,
  type Discovery,
  type PeerRow,
  readConnection,
  readDiscovery,
  readPage,
} from "../peer-answers.ts";
import { formatTable } from "../table.ts";

/** `mcpp peers`. */
export function listPeers(this: CliContext, flags: MeshFlags): Promise<void> {
  const { output } = this;
  return withMesh(this, flags, async (mesh) => {
    await mesh.look();
    const peers = await allPeers(mesh);
    if (flags.json) return output.json({ through: mesh.through, peers });
    await printPeers(output, peers);
    if (peers.length > 0) return;
    const help = 'mcpp peers connect <address> makes the first contact, "mcpp doctor" looks why';
    await output.talk(`no peer is known: ${help}`);
  });
}

async function allPeers(mesh: MeshAccess): Promise<readonly PeerRow[]> {
  const peers: PeerRow[] = [];
  let cursor: string | undefined;
  do {
    const page = readPage(await mesh.call("p2p_peer_list", cursor === undefined ? {} : { cursor }));
    peers.push(...page.peers);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return peers.toSorted(
    (a, b) => Number(b.isConnected) - Number(a.isConnected) || a.ageMs - b.ageMs,
  );
}

/** `mcpp peers connect <peer>`. */
export function connectPeer(this: CliContext, flags: MeshFlags, peer: string): Promise<void> {
  const { output } = this;
  return withMesh(this, flags, async (mesh) => {
    const connection = await connect(mesh, peer);
    if (flags.json) return output.json({ through: mesh.through, ...connection });
    await output.result(formatConnection(connection));
    await output.result(output.style.dim(`  ${oneLine(connection.address)}`));
  });
}

/** Connect to an address at once, to an id where it was seen. */
export async function connect(mesh: MeshAccess, peer: string): Promise<ConnectionRow> {
  if (!peer.startsWith("/")) await mesh.look();
  return readConnection(await mesh.call("p2p_peer_connect", { peer }));
}

function formatConnection({ peer, name, transport, isRelayed, rttMs }: ConnectionRow): string {
  const who = name === undefined ? shortPeer(peer) : `${oneLine(name)} (${shortPeer(peer)})`;
  const way = `${oneLine(transport)}${isRelayed ? ", relayed" : ""}`;
  return `connected to ${who} over ${way}${rttMs === undefined ? "" : `, ${formatRtt(rttMs)}`}`;
}

/** `mcpp peers discover`. */
export function discoverPeers(this: CliContext, flags: DiscoverFlags): Promise<void> {
  const { output } = this;
  const { source = [], ability } = flags;
  return withMesh(this, flags, async (mesh) => {
    await mesh.meet();
    const answer = await mesh.call("p2p_peer_discover", {
      limit: MAX_FOUND,
      ...(source.length > 0 && { sources: source }),
      ...(ability !== undefined && { ability }),
    });
    const found = readDiscovery(answer);
    if (flags.json) return output.json({ through: mesh.through, ...found });
    await printSources(output, found);
    await printPeers(output, found.peers);
  });
}

/** A line for each source: what it brought, or why nothing. */
async function printSources(
  { result, style, columns }: Output,
  { sources }: Discovery,
): Promise<void> {
  const rows = sources.map(({ source, found, ms, error }) => [
    error === undefined ? "✓" : "✗",
    oneLine(source),
    error === undefined ? `${found} found in ${Math.round(ms)} ms` : oneLine(error),
  ]);
  const paint = (cell: string, column: number): string =>
    column > 0 ? cell : cell === "✓" ? style.green(cell) : style.red(cell);
  if (rows.length > 0) await result(formatTable(rows, { columns, flexible: 2, paint }).join("\n"));
}

async function printPeers(
  { result, style, columns }: Output,
  peers: readonly PeerRow[],
): Promise<void> {
  if (peers.length === 0) return;
  const rows = peers.map((peer) => [
    shortPeer(oneLine(peer.peer)),
    oneLine(peer.name ?? "–"),
    oneLine(peer.host ?? "–"),
    peer.via === undefined ? "–" : `${oneLine(peer.via)}${peer.isRelayed ? " (relayed)" : ""}`,
    peer.rttMs === undefined ? "–" : formatRtt(peer.rttMs),
    `${peer.tools ?? "–"}`,
    peer.isConnected ? "now" : formatAge(peer.ageMs),
  ]);
  const head = ["PEER", "NAME", "HOST", "VIA", "RTT", "TOOLS", "SEEN"];
  const paint = (cell: string, _column: number, row: number): string =>
    row === 0 ? style.bold(cell) : peers[row - 1]?.isConnected ? cell : style.dim(cell);
  await result(formatTable([head, ...rows], { columns, flexible: 1, paint }).join("\n"));
}

/** `0.31` → `0.3 ms`. */
export function formatRtt(ms: number): string {
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

const UNITS: readonly (readonly [ms: number, name: string])[] = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "min"],
  [1000, "s"],
];

/** `125000` → `2 min`. */
export function formatAge(ms: number): string {
  const [unit, name] = UNITS.find(([size]) => ms >= size) ?? [1000, "s"];
  return `${Math.floor(ms / unit)} ${name}`;
}
