/**
 * Membership of a server or a page in the mesh: its tools are served to peers, theirs are
 * categories here, and calls go where they run best.
 *
 * @module
 */

import { type Breaker, createBreaker } from "../concurrency/breaker.ts";
import type { Clock } from "../concurrency/clock.ts";
import type { MessageServer } from "../mcp/message-server.ts";
import type { Caller } from "../registry/caller.ts";
import type { ChoosePeer } from "../registry/name-book.ts";
import type { PeerLimits } from "../registry/peer-limits.ts";
import type { RegisteredTool, Registry } from "../registry/registry.ts";
import { type ClientPool, createClientPool } from "./client-pool.ts";
import type { MeshNode } from "./mesh-node.ts";
import { createPeerBooks, type PeerBooks } from "./peer-books.ts";
import { createPeerCategories, type PeerCategories } from "./peer-categories.ts";
import type { Write } from "./peer-stream.ts";
import { type Candidate, rankPeers } from "./select.ts";
import { servePeers } from "./serve-peers.ts";

/** What joining needs. */
export interface JoinNeeds {
  readonly node: MeshNode;
  readonly registry: Registry;
  readonly limits: () => PeerLimits;
  readonly isUnmetered?: (peer: string) => boolean;
  readonly clock: Clock;
  readonly random: () => number;
  /** Connects to somebody who is known and not connected; gives an id, or the text as it was. */
  readonly meet?: (target: string, signal: AbortSignal) => Promise<string>;
  /** Begin to serve one stream of a peer. */
  readonly serve: (peer: string, write: Write) => MessageServer;
  /** Something failed of which nobody is told otherwise. */
  readonly trouble: (what: string, error: unknown) => void;
}

/** A member of the mesh. */
export interface Membership {
  readonly node: MeshNode;
  readonly pool: ClientPool;
  readonly books: PeerBooks;
  readonly categories: PeerCategories;
  /** Of several categories of peers, the one whose peer is best for a tool. */
  readonly choosePeer: ChoosePeer;
  /** The same tool at the best peer that is not among `tried`. */
  elsewhere(
    target: RegisteredTool,
    caller: Caller,
    tried: ReadonlySet<string>,
  ): Promise<RegisteredTool | undefined>;
  /** Leave: what runs is answered first, for a moment. */
  leave(): Promise<void>;
}

/** After this many failures in a row a peer is left alone for this long. */
const BREAKER = { failures: 5, openMs: 10_000 } as const;

/** How far back failures of a peer count when peers are compared. */
const FAILURES_MS = 60_000;

/** Join with a node that is running. */
export async function joinMesh(needs: JoinNeeds): Promise<Membership> {
  const { node, registry, limits, clock, random, serve, trouble } = needs;
  const books = createPeerBooks();
  const breaker = (): Breaker => createBreaker({ ...BREAKER, clock });
  const pool = createClientPool({ node, limits, books, breaker, clock });
  const stopServing = await servePeers({
    ...{ node, limits, books, clock, serve, isUnmetered: needs.isUnmetered },
    report: (error) => trouble("a stream of a peer", error),
  });
  const categories = createPeerCategories({
    ...{ node, pool, registry, clock, random, meet: needs.meet },
    trouble: (peer, error) => trouble(`reading the tools of peer ${peer}`, error),
  });
  const unlisten = node.onPeer(({ type, peer }) => {
    // So that peers can be compared from the start. Who does not answer is the node's to notice.
    if (type === "connected") node.ping(peer).catch(() => undefined);
  });
  const best = (tool: string, homes: readonly string[]): string | undefined => {
    const byPeer = new Map(homes.map((home) => [categories.peerOf(home), home]));
    const candidates = [...byPeer.keys()].flatMap((peer) =>
      peer === undefined ? [] : [candidateOf({ node, pool, books, clock }, peer)],
    );
    return byPeer.get(rankPeers(tool, candidates)[0]?.peer);
  };
  return {
    node,
    pool,
    books,
    categories,
    choosePeer: best,
    async elsewhere({ tool }, caller, tried) {
      const homes = registry
        .categories(caller)
        .filter(({ name, source }) => source === "peer" && hasTool(registry, name, tool.name))
        .map(({ name }) => name)
        .filter((name) => !tried.has(categories.peerOf(name) ?? ""));
      const home = best(tool.name, homes);
      return home === undefined ? undefined : registry.resolve(tool.name, caller, home);
    },
    async leave() {
      unlisten();
      categories.close();
      await Promise.all([stopServing(), pool.close()]);
    },
  };
}

function hasTool(registry: Registry, category: string, tool: string): boolean {
  return registry.category(category)?.toolNames.includes(tool) ?? false;
}

function candidateOf(
  { node, pool, books, clock }: Pick<Membership, "node" | "pool" | "books"> & { clock: Clock },
  peer: string,
): Candidate {
  const [connection] = node.connections(peer);
  const book = books.of(peer);
  const { calls, errors } = book.window(clock.monotonic() - FAILURES_MS);
  return {
    peer,
    isConnected: connection !== undefined,
    isResting: pool.breakerOf(peer).state === "open",
    rttMs: connection?.rttMs,
    inFlight: book.inFlight,
    failureRatio: calls === 0 ? 0 : errors / calls,
  };
}
