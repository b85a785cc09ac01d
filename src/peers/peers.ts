/**
 * The mesh of a server as tools, HTTP and the command line see it: {@link Peers}, and the work in the
 * background that keeps it true.
 *
 * @module
 */

import type { Breaker } from "../concurrency/breaker.ts";
import type { Clock } from "../concurrency/clock.ts";
import type { Config } from "../config/config.ts";
import type { Host } from "../host.ts";
import type { MeshNode } from "../mesh/mesh-node.ts";
import type { PeerBooks } from "../mesh/peer-books.ts";
import type { PeerLimits } from "../registry/peer-limits.ts";
import type { Peers, SignedRecord } from "../registry/peers.ts";
import { createNamespace } from "../storage/namespace.ts";
import type { Store } from "../storage/store.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import { type About, createAnnouncer } from "./announcer.ts";
import { type BootstrapListNeeds, createBootstrapLists } from "./bootstrap-lists.ts";
import { type Acceptance, openDirectory } from "./directory.ts";
import { createGossip } from "./gossip.ts";
import { createJoining } from "./joining.ts";
import { meet } from "./meet.ts";
import { createMembership } from "./membership.ts";
import type { Signer } from "./peer-record.ts";
import { createPeersView } from "./peers-view.ts";
import { createPublicIp } from "./public-ip.ts";
import type { Fetch } from "./rendezvous-source.ts";
import { createSources } from "./sources.ts";

/** What the mesh of a server is made of. */
export interface PeersNeeds {
  readonly node: MeshNode;
  readonly signer: Signer & { readonly did: string };
  /** A `client` is there for a moment: it tells nobody of itself. */
  readonly role: "server" | "client";
  /** What the record says of this server; asked each time that it is renewed. */
  readonly about: () => About;
  readonly config: () => Pick<Config, "mesh" | "features" | "github">;
  readonly limits: () => PeerLimits;
  /** Where lists of addresses are read, but for the configured one. */
  readonly lists: Omit<BootstrapListNeeds, "configured">;
  readonly books: PeerBooks;
  readonly breakerOf: (peer: string) => Pick<Breaker, "state">;
  /** How many tools of a peer are offered here; nothing where it was not asked. */
  readonly toolsOf: (peer: string) => number | undefined;
  /** Hears of every record that tells something new. */
  readonly told?: (record: SignedRecord) => void;
  /** The local network, on hosts that can ask it. */
  readonly joinLocalNetwork?: Host["joinLocalNetwork"];
  /** Whether the node was given `dhtService`. */
  readonly hasDht: boolean;
  readonly fetch: Fetch;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: () => number;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** The mesh with its life. */
export interface RunningPeers extends Peers {
  /** Look for peers, connect, announce: until {@link RunningPeers.stop}. */
  start(): Promise<void>;
  /** Take back what was published, stop all work and write what is known. The node is left open. */
  stop(): Promise<void>;
  /** Connect to who is known by this id or name, where that is one peer; gives its id, or the text. */
  meet(target: string, signal: AbortSignal): Promise<string>;
  /** Records to hand out to whoever asks, this node's own first. */
  records(limit: number): readonly SignedRecord[];
  /** Take a record that somebody brought. */
  accept(record: unknown): Promise<Acceptance>;
}

/** Put the mesh of a server together; nothing is dialled before `start`. */
export async function createPeers(needs: PeersNeeds): Promise<RunningPeers> {
  const { node, signer, clock, config, books, log, metrics, store } = needs;
  const report = (error: unknown): void => log.warning("peers", { error });
  const directory = await openDirectory({
    store: createNamespace(store, "peers/known/"),
    clock,
    metrics,
    self: node.peer,
    ...(needs.told && { told: needs.told }),
    report,
  });
  const announcer = createAnnouncer({
    signer,
    about: needs.about,
    addresses: () => node.addresses(),
    store: createNamespace(store, "peers/own/"),
    clock,
  });
  const learnt = (record: SignedRecord): void => gossip.tell(record);
  const gossip = createGossip({
    node,
    clock,
    directory,
    own: () => announcer.record,
    // Gossip passes on by itself what it was told.
    learnt: () => {},
    failed: (peer, error) => log.debug("peers: exchange", { peer, error }),
  });
  const joining = createJoining({ node, directory, books, clock, learnt });
  const lists = createBootstrapLists({
    ...needs.lists,
    configured: () => config().mesh.bootstrap,
  });
  const sources = createSources({
    config: config(),
    node,
    lists,
    gossip: gossip.source,
    role: needs.role,
    joinLocalNetwork: needs.joinLocalNetwork,
    hasDht: needs.hasDht,
    fetch: needs.fetch,
    clock,
  });
  const parts = { ...needs, directory, announcer, gossip, joining, lists, sources };
  const membership = createMembership(parts);
  const findPublicIp = createPublicIp({
    services: () => config().mesh.publicIpServices,
    observed: () => node.observedAddresses(),
    fetch: needs.fetch,
    clock,
  });
  return {
    ...createPeersView({ ...parts, membership, findPublicIp }),
    start: () => membership.start(),
    meet: (target, signal) => meet(parts, target, signal),
    async stop() {
      await membership.stop();
      await directory.close();
    },
    records: (limit) => [announcer.record ?? [], directory.records(limit)].flat().slice(0, limit),
    async accept(record) {
      const verdict = await directory.accept(record, "rendezvous");
      if (verdict.record && verdict.isNew) gossip.tell(verdict.record);
      return verdict;
    },
  };
}
