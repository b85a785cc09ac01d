/** Looks for peers with the sources and dials them; every dial and sighting goes into the directory. @module */

import type { Clock } from "../concurrency/clock.ts";
import type { MeshNode, PeerConnection } from "../mesh/mesh-node.ts";
import type { PeerBooks } from "../mesh/peer-books.ts";
import type { SignedRecord, SourceReport } from "../registry/peers.ts";
import { type DialOptions, type DialOutcome, type DialTarget, dial } from "./bootstrap.ts";
import type { Directory } from "./directory.ts";
import { discover } from "./discovery.ts";
import type { DiscoverySource, PeerSighting } from "./source.ts";

/** What joining stands on. */
export interface JoiningNeeds {
  readonly node: Pick<MeshNode, "peer" | "connections" | "connect" | "learn">;
  readonly directory: Directory;
  readonly books: PeerBooks;
  readonly clock: Clock;
  /** A record that was not known before. */
  readonly learnt: (record: SignedRecord) => void;
}

/** How to look. */
export interface LookOptions {
  readonly sources: readonly DiscoverySource[];
  readonly limit: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** What a look around brought. */
export interface Look {
  readonly reports: readonly SourceReport[];
  readonly peers: ReadonlySet<string>;
  /** Addresses that do not say whose they are. */
  readonly nameless: readonly string[];
}

/** Ways into the mesh. */
export interface Joining {
  look(options: LookOptions): Promise<Look>;
  dial(targets: readonly DialTarget[], options: DialOptions): Promise<DialOutcome>;
  /** Connect to an id with the addresses that are known of it, or to a multiaddr. */
  connect(target: string, signal: AbortSignal): Promise<PeerConnection>;
  /** Known peers that may be dialled, the most promising first. */
  candidates(): readonly DialTarget[];
  /** Leave a peer alone for a while, as somebody wished. */
  avoid(peer: string): void;
  /** Peers of the mesh itself that are connected. */
  connectedMembers(): readonly string[];
}

/** Who disconnects from a peer does not want it back at once. */
const AVOID_MS = 600_000;

/** Joining over these parts. */
export function createJoining({ node, directory, books, clock, learnt }: JoiningNeeds): Joining {
  const avoided = new Map<string, number>();
  // Public nodes help to find the mesh, and are none of its members.
  const isMember = (peer: string): boolean => directory.get(peer)?.source !== "public";

  const connect = async (target: string, signal: AbortSignal): Promise<PeerConnection> => {
    const addresses = directory.get(target)?.addresses ?? [];
    if (addresses.length > 0) await node.learn(target, addresses);
    return await node.connect(target, { signal });
  };
  const dialled = ({ peer }: DialTarget, connection: PeerConnection | undefined): void => {
    const known = connection?.peer ?? peer;
    if (known === undefined) return;
    const book = books.of(known);
    book.dials += 1;
    if (connection) {
      const { address, direction } = connection;
      directory.reached(known, direction === "outbound" ? address : undefined);
    } else {
      book.dialFailures += 1;
      directory.failed(known);
    }
  };
  const take = async (
    { name }: DiscoverySource,
    { record, ...sighting }: PeerSighting,
  ): Promise<string | undefined> => {
    const verdict = record === undefined ? undefined : await directory.accept(record, name);
    if (verdict?.record && verdict.isNew) learnt(verdict.record);
    const peer = sighting.peer ?? verdict?.record?.peer;
    if (peer !== undefined) directory.sight({ ...sighting, peer }, name);
    return peer;
  };

  return {
    async look({ sources, limit, timeoutMs, signal }) {
      const peers = new Set<string>();
      const nameless = new Set<string>();
      const reports = await discover({
        sources,
        limit,
        timeoutMs,
        clock,
        signal,
        async take(source, sightings) {
          for (const sighting of sightings) {
            const peer = await take(source, sighting);
            if (peer !== undefined) peers.add(peer);
            else for (const address of sighting.addresses) nameless.add(address);
          }
        },
      });
      return { reports, peers, nameless: [...nameless] };
    },
    dial(targets, options) {
      const dialing: Pick<MeshNode, "peer" | "connections" | "connect"> = {
        peer: node.peer,
        connections: (peer) => node.connections(peer),
        connect: (target, { signal = options.signal } = {}) => connect(target, signal),
      };
      return dial({ node: dialing, clock, dialled, isMember }, targets, options);
    },
    connect,
    candidates() {
      const now = clock.now();
      for (const [peer, until] of avoided) if (until <= now) avoided.delete(peer);
      return directory
        .list()
        .filter(({ peer, addresses }) => addresses.length > 0 && !avoided.has(peer))
        .sort((a, b) => a.failures - b.failures || b.lastSeen - a.lastSeen)
        .map(({ peer }) => ({ address: peer, peer }));
    },
    avoid: (peer) => void avoided.set(peer, clock.now() + AVOID_MS),
    connectedMembers: () =>
      [...new Set(node.connections().map(({ peer }) => peer))].filter(isMember),
  };
}
