/**
 * The answering side of the mesh: streams of peers, each served like any other MCP client, on
 * behalf of that peer and within what one peer may use.
 *
 * @module
 */

import type { Stream } from "@libp2p/interface";
import type { Clock } from "../concurrency/clock.ts";
import { UnavailableError } from "../errors.ts";
import type { MessageServer } from "../mcp/message-server.ts";
import { anyRpcErrorOf } from "../mcp/results.ts";
import type { PeerLimits } from "../registry/peer-limits.ts";
import { encodeFrames } from "./framing.ts";
import type { MeshNode } from "./mesh-node.ts";
import type { PeerBooks } from "./peer-books.ts";
import { createPeerQuota, type PeerQuota } from "./peer-quota.ts";
import { PeerStream, type Write } from "./peer-stream.ts";
import { MCP_PROTOCOL } from "./protocol.ts";

/** What serving peers needs. */
export interface ServePeersNeeds {
  readonly node: Pick<MeshNode, "handle" | "peer">;
  readonly limits: () => PeerLimits;
  /** Whether a peer may send new requests at any rate: a worker's come with each task. */
  readonly isUnmetered?: ((peer: string) => boolean) | undefined;
  readonly books: PeerBooks;
  readonly clock: Clock;
  /** Begin to serve one stream of a peer. */
  readonly serve: (peer: string, write: Write) => MessageServer;
  readonly report: (error: Error) => void;
}

/** Streams beyond the limit that are told so at the same time; libp2p resets those beyond. */
const TURNED_AWAY_AT_ONCE = 8;

/** When to come back, where there is no telling. */
const RETRY_MS = 1_000;

/** Serve every peer that opens a stream, until the returned function is called. */
export async function servePeers(needs: ServePeersNeeds): Promise<() => Promise<void>> {
  const { node, limits, books, clock } = needs;
  const limitsOf = (peer: string): PeerLimits =>
    needs.isUnmetered?.(peer) ? { ...limits(), requestsPerSecond: 0 } : limits();
  const quotas = createQuotas(limitsOf, clock);
  const streams = new Map<string, Set<PeerStream>>();
  const serve = (stream: Stream, peer: string): void => {
    const open = streams.get(peer) ?? new Set();
    const bound = limits().streamsPerPeer;
    if (open.size >= bound) {
      turnAway(stream, bound);
      return;
    }
    streams.set(peer, open);
    const served = new PeerStream(stream, {
      ...{ peer, self: node.peer, limits, clock, serve: needs.serve, report: needs.report },
      quota: quotas(peer),
      book: books.of(peer),
      over() {
        open.delete(served);
        if (open.size === 0 && streams.get(peer) === open) streams.delete(peer);
      },
    });
    open.add(served);
  };
  const maxInboundStreams = limits().streamsPerPeer + TURNED_AWAY_AT_ONCE;
  const unhandle = await node.handle(MCP_PROTOCOL, serve, { maxInboundStreams });
  return async () => {
    await unhandle();
    const all = [...streams.values()].flatMap((open) => [...open]);
    await Promise.all(all.map((stream) => stream.close()));
  };
}

/** Quotas outlive connections: who comes back at once must not find its buckets full again. */
function createQuotas(
  limitsOf: (peer: string) => PeerLimits,
  clock: Clock,
): (peer: string) => PeerQuota {
  const quotas = new Map<string, PeerQuota>();
  let sweepAt = 64;
  return (peer) => {
    const known = quotas.get(peer);
    if (known) return known;
    if (quotas.size >= sweepAt) {
      for (const [one, { isRested }] of quotas) if (isRested) quotas.delete(one);
      sweepAt = Math.max(64, quotas.size * 2);
    }
    const quota = createPeerQuota(peer, () => limitsOf(peer), clock);
    quotas.set(peer, quota);
    return quota;
  };
}

/** Say why a stream is not served, and close it. */
function turnAway(stream: Stream, bound: number): void {
  const refusal = new UnavailableError(
    "queue_full",
    `A peer may open ${bound} streams here; one of them carries many requests at once`,
    { data: { retryAfterMs: RETRY_MS } },
  );
  const message = { jsonrpc: "2.0", id: null, error: anyRpcErrorOf(refusal) };
  stream.send(encodeFrames([JSON.stringify(message)]));
  stream.close().catch((error: Error) => stream.abort(error));
}
