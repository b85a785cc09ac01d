/** Peers and connections as tools show them. @module */

import type { Breaker } from "../concurrency/breaker.ts";
import type { Clock } from "../concurrency/clock.ts";
import type { MeshNode, PeerConnection } from "../mesh/mesh-node.ts";
import type { PeerBooks } from "../mesh/peer-books.ts";
import type { ConnectionInfo, PeerInfo, PeerMetrics } from "../registry/peers.ts";
import type { Directory } from "./directory.ts";
import type { KnownPeer } from "./known-peer.ts";

/** What the views are drawn from. */
export interface ViewNeeds {
  readonly node: Pick<MeshNode, "connections" | "protocolsOf">;
  readonly directory: Directory;
  readonly books: PeerBooks;
  readonly breakerOf: (peer: string) => Pick<Breaker, "state">;
  /** How many tools of a peer are offered here; nothing where it was not asked. */
  readonly toolsOf: (peer: string) => number | undefined;
  readonly clock: Clock;
}

/** A peer, and how it is reached now. */
export function peerInfo(needs: ViewNeeds, known: KnownPeer): PeerInfo {
  const { node, books, toolsOf, clock } = needs;
  const { peer, record, source, addresses } = known;
  const [best] = node.connections(peer);
  const lastSeen = best ? clock.now() : known.lastSeen;
  const rttMs = best?.rttMs ?? known.rttMs;
  const tools = toolsOf(peer);
  const inFlight = books.all.get(peer)?.inFlight;
  return {
    peer,
    ...(record?.name !== undefined && { name: record.name }),
    ...(record?.host !== undefined && { host: record.host }),
    addresses,
    abilities: currentAbilities(known, clock),
    source,
    isConnected: best !== undefined,
    ...(best && { via: best.transport, isRelayed: best.isRelayed }),
    ...(rttMs !== undefined && { rttMs: rounded(rttMs) }),
    ...(inFlight !== undefined && { load: inFlight }),
    ...(tools !== undefined && { tools }),
    lastSeen: new Date(lastSeen).toISOString(),
    ageMs: Math.max(0, clock.now() - lastSeen),
    ...(record && { expiresAt: record.expiresAt }),
  };
}

/** A connection, and who is at its other end. */
export async function connectionInfo(
  { node, directory, books, clock }: ViewNeeds,
  connection: PeerConnection,
): Promise<ConnectionInfo> {
  const { peer, address, transport, direction, isRelayed, streams, openedAt, rttMs } = connection;
  const known = directory.get(peer);
  const record = known?.record;
  const book = books.all.get(peer);
  return {
    peer,
    ...(record?.name !== undefined && { name: record.name }),
    address,
    transport,
    direction,
    isRelayed,
    streams,
    bytesIn: book?.bytesIn ?? 0,
    bytesOut: book?.bytesOut ?? 0,
    ...(rttMs !== undefined && { rttMs: rounded(rttMs) }),
    ageMs: Math.max(0, clock.now() - openedAt),
    protocols: await node.protocolsOf(peer),
    abilities: currentAbilities(known, clock),
  };
}

/** What a peer can do is what it said lately: a record that has ended promises nothing. */
function currentAbilities(known: KnownPeer | undefined, clock: Clock): readonly string[] {
  const { record } = known ?? {};
  return record && Date.parse(record.expiresAt) > clock.now() ? record.abilities : [];
}

/** What was counted about a peer; times and errors are of the window, the rest since it is known. */
export function peerMetrics(
  { books, breakerOf, clock }: ViewNeeds,
  peer: string,
  windowMs: number,
): PeerMetrics {
  const book = books.of(peer);
  const { calls, errors, p50Ms, p99Ms } = book.window(clock.monotonic() - windowMs);
  const { served, refused, bytesIn, bytesOut, dials, dialFailures } = book;
  return {
    peer,
    windowMs,
    calls,
    errors,
    served,
    refused,
    p50Ms: rounded(p50Ms),
    p99Ms: rounded(p99Ms),
    bytesIn,
    bytesOut,
    reuseRatio: book.calls === 0 ? 0 : book.reused / book.calls,
    dials,
    dialFailures,
    breaker: breakerOf(peer).state,
  };
}

/** Three digits after the point say more than a clock knows. */
const rounded = (ms: number): number => Math.round(ms * 1000) / 1000;
