/** Whom a page knows and is connected to, and what keeps that so. @module */

import type { Clock } from "../concurrency/clock.ts";
import { InputError } from "../errors.ts";
import type { Identity } from "../mesh/identity.ts";
import type { Membership as Member } from "../mesh/join.ts";
import type { MeshNode, PeerConnection } from "../mesh/mesh-node.ts";
import { checkAddress } from "../peers/addresses.ts";
import { type Announcer, createAnnouncer } from "../peers/announcer.ts";
import type { DialTarget } from "../peers/bootstrap.ts";
import type { ReadBootstrapList } from "../peers/bootstrap-lists.ts";
import { type Directory, openDirectory } from "../peers/directory.ts";
import { createGossip, type Gossip } from "../peers/gossip.ts";
import { createJoining, type Joining } from "../peers/joining.ts";
import { meet } from "../peers/meet.ts";
import { createMembership, type Membership } from "../peers/membership.ts";
import { peerInfo } from "../peers/views.ts";
import type { PeerInfo, SignedRecord } from "../registry/peers.ts";
import { createNamespace } from "../storage/namespace.ts";
import type { Store } from "../storage/store.ts";
import type { Logger } from "../telemetry/logger.ts";
import { createMetrics } from "../telemetry/metrics.ts";
import type { Background } from "./background.ts";

/** What the peers of a page stand on. */
export interface PagePeersNeeds {
  readonly node: MeshNode;
  readonly member: Pick<Member, "books" | "categories" | "pool">;
  readonly identity: Identity;
  readonly name: string;
  readonly interfaces: () => readonly string[];
  readonly bootstrap: readonly string[];
  readonly store: Store;
  readonly clock: Clock;
  readonly random: () => number;
  readonly background: Background;
  readonly trouble: (what: string, error: unknown) => void;
}

/** The peers of a page. */
export interface PagePeers {
  /** Dial the first contacts, then stay in touch; resolves when they were tried. */
  start(): Promise<void>;
  stop(): Promise<void>;
  known(): readonly PeerInfo[];
  connect(target: string, signal: AbortSignal): Promise<PeerConnection>;
  meet(target: string, signal: AbortSignal): Promise<string>;
  /** Tell everybody what is true of this page now, where that is news. */
  announce(): void;
  /** The network may be another one, or time may have stood still: look after everything now. */
  wake(): void;
}

/** Connections that a page looks for by itself; more come from others. */
const WANTED_CONNECTIONS = 3;
const MAX_CONNECTIONS = 32;

/** Time for the first contacts. */
const JOIN_MS = 15_000;

/** A page that wakes up gives its peers this long to show that they are still there. */
const ALIVE_MS = 4_000;

/** Open what is known of peers; nothing is dialled before `start`. */
export async function openPagePeers(needs: PagePeersNeeds): Promise<PagePeers> {
  const { node, clock, trouble } = needs;
  const contacts = await contactsOf(node, needs.bootstrap);
  // Records arrive when all is put together.
  const told = (record: SignedRecord): void => peers.told(record);
  const directory = await openDirectory({
    ...{ clock, told, self: node.peer, metrics: createMetrics() },
    store: createNamespace(needs.store, "known/"),
    report: (error) => trouble("keeping the known peers", error),
  });
  const peers = new ConnectedPeers(needs, directory, contacts);
  return peers;
}

class ConnectedPeers implements PagePeers {
  readonly #needs: PagePeersNeeds;
  readonly #contacts: readonly DialTarget[];
  readonly #directory: Directory;
  readonly #announcer: Announcer;
  readonly #gossip: Gossip;
  readonly #joining: Joining;
  readonly #membership: Membership;
  readonly #unlisten: () => void;

  constructor(needs: PagePeersNeeds, directory: Directory, contacts: readonly DialTarget[]) {
    const { node, member, identity, name, interfaces, clock, random, trouble } = needs;
    this.#needs = needs;
    this.#contacts = contacts;
    this.#directory = directory;
    this.#announcer = createAnnouncer({
      signer: identity,
      about: () => ({ name, host: "web", abilities: [], interfaces: interfaces() }),
      addresses: () => node.addresses(),
      store: createNamespace(needs.store, "own/"),
      clock,
    });
    this.#gossip = createGossip({
      ...{ node, clock, directory, own: () => this.#announcer.record },
      learnt: () => {},
      // Who does not answer now is asked again when it is connected again.
      failed: () => {},
    });
    this.#joining = createJoining({
      ...{ node, directory, clock, books: member.books },
      learnt: (record) => this.#gossip.tell(record),
    });
    this.#membership = createMembership({
      ...{ node, directory, clock, random, role: "server", log: loggerOf(trouble) },
      ...{ announcer: this.#announcer, gossip: this.#gossip, joining: this.#joining },
      lists: listsOf(contacts),
      sources: [this.#gossip.source],
      config: () => config,
    });
    this.#unlisten = node.onAddresses(() => this.announce());
  }

  async start(): Promise<void> {
    const { node, member, background } = this.#needs;
    const { promise: tried, resolve } = Promise.withResolvers<void>();
    // One is enough to begin with: an address that is dead holds nobody up.
    const unlisten = node.onPeer(() => resolve());
    background.start("dialing the first contacts", (signal) =>
      this.#dial(this.#contacts, Number.POSITIVE_INFINITY, signal).finally(resolve),
    );
    await tried;
    unlisten();
    await this.#membership.start();
    const peers = [...new Set(node.connections().map(({ peer }) => peer))];
    await Promise.allSettled(peers.map((peer) => member.categories.reach(peer)));
  }

  async stop(): Promise<void> {
    this.#unlisten();
    await this.#membership.stop();
    await this.#directory.close();
  }

  known(): readonly PeerInfo[] {
    const { node, member, clock } = this.#needs;
    const views = {
      ...{ node, clock, directory: this.#directory, books: member.books },
      breakerOf: (peer: string) => member.pool.breakerOf(peer),
      toolsOf: (peer: string) => member.categories.toolsOf(peer),
    };
    return this.#directory.list().map((known) => peerInfo(views, known));
  }

  connect(target: string, signal: AbortSignal): Promise<PeerConnection> {
    return this.#joining.connect(target, signal);
  }

  meet(target: string, signal: AbortSignal): Promise<string> {
    const parts = { node: this.#needs.node, directory: this.#directory, joining: this.#joining };
    return meet(parts, target, signal);
  }

  announce(): void {
    this.#needs.background.start("announcing this page", async (signal) => {
      if (!this.#announcer.record || !this.#announcer.isDue()) return;
      await this.#membership.announce(undefined, [], signal);
    });
  }

  wake(): void {
    const { node, background } = this.#needs;
    for (const peer of new Set(node.connections().map((connection) => connection.peer))) {
      background.start(`looking after ${peer}`, (signal) => this.#checkAlive(peer, signal));
    }
    this.#membership.wake();
  }

  /** Somebody said something new of itself. */
  told({ peer, addresses }: SignedRecord): void {
    const { node, member, background } = this.#needs;
    member.categories.refresh(peer);
    const isWanted = this.#joining.connectedMembers().length < WANTED_CONNECTIONS;
    if (!isWanted || addresses.length === 0 || node.connections(peer).length > 0) return;
    background.start(`meeting ${peer}`, (signal) =>
      this.#dial([{ address: peer, peer }], WANTED_CONNECTIONS, signal),
    );
  }

  #dial(
    targets: readonly DialTarget[],
    enough: number,
    signal: AbortSignal,
  ): ReturnType<Joining["dial"]> {
    const limits = { maxConnections: MAX_CONNECTIONS, timeoutMs: JOIN_MS };
    return this.#joining.dial(targets, { ...limits, enough, signal });
  }

  async #checkAlive(peer: string, signal: AbortSignal): Promise<void> {
    const { node } = this.#needs;
    try {
      await node.ping(peer, { signal, timeoutMs: ALIVE_MS });
    } catch {
      signal.throwIfAborted();
      await node.disconnect(peer);
    }
  }
}

const config = {
  mesh: { maxConnections: MAX_CONNECTIONS },
  features: { publicBootstrap: false },
} as const;

/** Whom to dial first: a peer of several addresses once, so that its best way is the one taken. */
async function contactsOf(
  node: Pick<MeshNode, "learn">,
  bootstrap: readonly string[],
): Promise<readonly DialTarget[]> {
  const contacts = bootstrap.map(soundAddress);
  for (const { address, peer } of contacts) {
    if (peer !== undefined) await node.learn(peer, [address]);
  }
  const peers = new Set(contacts.flatMap(({ peer }) => peer ?? []));
  const nameless = contacts.filter(({ peer }) => peer === undefined);
  return [...[...peers].map((peer) => ({ address: peer, peer })), ...nameless];
}

function soundAddress(text: string): DialTarget {
  const { address, peer, fault } = checkAddress(text);
  if (fault === undefined) return { address, peer };
  throw new InputError("invalid_input", `bootstrap: "${address}" cannot be dialled: ${fault}`, {
    data: { address },
  });
}

function listsOf(contacts: readonly DialTarget[]): ReadBootstrapList {
  const given = contacts.map(({ address, peer }) => ({ address, ...(peer && { peer }) }));
  return async (source) => ({ from: "bootstrap", addresses: source === "config" ? given : [] });
}

/** A page has no log: what a person may want to know goes to whoever listens for trouble. */
function loggerOf(trouble: (what: string, error: unknown) => void): Logger {
  const quiet = (): void => {};
  const tell = (message: string, fields?: Readonly<Record<string, unknown>>): void =>
    trouble(message, fields?.error ?? fields);
  const log: Logger = { debug: quiet, info: tell, warning: tell, error: tell, with: () => log };
  return log;
}
