/** What a server tells of its place in the mesh. @module */

import type { AppMesh, MeshStatus } from "../app-types.ts";
import { formatAddress } from "./listen.ts";
import type { Style } from "./output.ts";
import { cut } from "./table.ts";

/** The mesh of a server at one moment. */
export interface MeshFacts extends MeshStatus {
  readonly peer?: string;
  /** Multiaddrs, those that others can dial first. */
  readonly addresses: readonly string[];
  /** Peers that are connected now. */
  readonly peers: number;
  /** Opens a page that joins; only where one on another machine can reach this server. */
  readonly join?: string;
}

/** Collect the facts. */
export function meshFacts(mesh: AppMesh): MeshFacts {
  const status = mesh.status();
  if (!mesh.peers) return { ...status, addresses: [], peers: 0 };
  const self = mesh.peers.self();
  const addresses = self.addresses.toSorted((a, b) => rankOf(a) - rankOf(b));
  const join = addresses.map(joinLink).find((link) => link !== undefined);
  return {
    ...status,
    peer: self.peer,
    addresses,
    peers: mesh.peers.known().filter(({ isConnected }) => isConnected).length,
    ...(join !== undefined && { join }),
  };
}

const isLoopback = (address: string): boolean =>
  /^\/(?:ip4\/127\.|ip6\/::1\/|dns[46]?\/localhost\/)/.test(address);

/** Whether somebody on another machine could dial the address. */
export function isReachable(address: string): boolean {
  return !isLoopback(address) && !address.startsWith("/ip6/fe80:");
}

/** Smaller is better: a name, then an IPv4 address, what needs no certificate hash, no relay. */
function rankOf(address: string): number {
  const host = address.startsWith("/dns") ? 0 : address.startsWith("/ip4") ? 1 : 2;
  const isPlain = /\/tcp\/\d+(?:\/p2p\/\w+)?$/.test(address);
  const transport = isPlain ? 0 : /\/wss?\//.test(address) ? 3 : 6;
  const relay = address.includes("/p2p-circuit") ? 10 : 0;
  return (isReachable(address) ? 0 : 100) + relay + transport + host;
}

/** The page that joins the mesh by a WebSocket address which others can reach. */
function joinLink(address: string): string | undefined {
  const parts =
    /^\/(?:ip[46]|dns[46]?)\/([^/]+)\/tcp\/(\d+)(\/tls.*\/ws|\/wss|\/ws)\/p2p\/\w+$/.exec(address);
  if (!parts || !isReachable(address)) return undefined;
  const [, hostname = "", port = "", socket] = parts;
  const scheme = socket === "/ws" ? "http" : "https";
  const page = new URL(`${scheme}://${formatAddress({ hostname, port: Number(port) })}/join`);
  return `${page.href}#${address}`;
}

/** `12D3KooWPq…x7f`: enough to tell peers apart. */
export function shortPeer(peer: string): string {
  return peer.length > 16 ? `${peer.slice(0, 10)}…${peer.slice(-3)}` : peer;
}

const INDENT = " ".repeat(12);

/** More than these are in `mcpp serve --json` and `mcpp identity`. */
const MAX_ADDRESSES = 4;

/** The lines about the mesh below the banner. */
export function formatMesh(facts: MeshFacts, style: Style, columns: number): readonly string[] {
  const { bold, dim, red } = style;
  const row = (value: string): string => `  ${bold("Mesh    ")}  ${value}`;
  const { state, reason = "", addresses, peer = "", peers } = facts;
  if (state === "starting") return [row(dim("… starting"))];
  if (state === "off") return [row(dim(cut(`– off: ${reason}`, columns - INDENT.length)))];
  if (state === "failed") {
    const help = "   (mcpp doctor)";
    return [row(red("✗ ") + cut(reason, columns - INDENT.length - 2 - help.length) + help)];
  }
  const reachable = addresses.filter(isReachable);
  const shown = reachable.length > 0 ? reachable : addresses;
  const more =
    shown.length > MAX_ADDRESSES ? ` · ${shown.length - MAX_ADDRESSES} more addresses` : "";
  return [
    row(`${shortPeer(peer)} · ${company(peers)}${dim(more)}`),
    ...shown.slice(0, MAX_ADDRESSES).map((address) => INDENT + address),
    ...notesOn(facts, reachable.length).map(
      (note) => INDENT + dim(cut(note, columns - INDENT.length)),
    ),
  ];
}

/** Peers are dialled once the mesh runs: a zero would be old news before it is read. */
function company(peers: number): string {
  return peers === 0 ? "mcpp peers shows others" : `${peers} ${peers === 1 ? "peer" : "peers"}`;
}

/** What is not there, and why. */
function notesOn({ missing }: MeshFacts, reachable: number): readonly string[] {
  return [
    ...(reachable === 0 ? ["only this machine can dial it; --hostname 0.0.0.0 opens it"] : []),
    ...Object.values(missing),
  ];
}
