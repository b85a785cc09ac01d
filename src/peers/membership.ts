/** A node's life as a member: it joins, tells of itself, stays connected, and leaves. @module */

import type { Clock } from "../concurrency/clock.ts";
import { withScope } from "../concurrency/scope.ts";
import type { Config } from "../config/config.ts";
import { messageOf } from "../errors.ts";
import type { MeshNode } from "../mesh/mesh-node.ts";
import type { SignedRecord } from "../registry/peers.ts";
import type { Logger } from "../telemetry/logger.ts";
import { type AnnounceOptions, type Announcer, type Published, publish } from "./announcer.ts";
import type { DialTarget } from "./bootstrap.ts";
import type { ReadBootstrapList } from "./bootstrap-lists.ts";
import type { Directory } from "./directory.ts";
import type { Gossip } from "./gossip.ts";
import type { Joining } from "./joining.ts";
import type { DiscoverySource } from "./source.ts";
import { keepUp } from "./upkeep.ts";
import { within } from "./within.ts";

/** What a membership stands on. */
export interface MembershipNeeds {
  readonly node: MeshNode;
  readonly role: "server" | "client";
  readonly directory: Directory;
  readonly announcer: Announcer;
  readonly gossip: Gossip;
  readonly joining: Joining;
  readonly lists: ReadBootstrapList;
  readonly sources: readonly DiscoverySource[];
  readonly config: () => {
    readonly mesh: Pick<Config["mesh"], "maxConnections">;
    readonly features: Pick<Config["features"], "publicBootstrap">;
  };
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
}

/** A member. */
export interface Membership {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Sign a new record and tell everybody, or only some registries. */
  announce(
    options: AnnounceOptions | undefined,
    registries: readonly DiscoverySource[],
    signal: AbortSignal,
  ): Promise<{ readonly record: SignedRecord; readonly published: readonly Published[] }>;
  /** Look for peers now, whatever the pause: the network may be another one. */
  wake(): void;
  /** Addresses that somebody listed for a first contact; public nodes only where they are wanted. */
  firstContacts(): Promise<readonly DialTarget[]>;
}

/** Connections that a node keeps by itself, so that losing one does not lose the mesh. */
const WANTED_CONNECTIONS = 3;

/** For one round of looking and dialing in the background. */
const LOOK_MS = 5_000;
const DIAL_MS = 20_000;
const LOOK_LIMIT = 256;

/** Who stops does not wait longer for sources than this. */
const LEAVE_MS = 1_500;

/** Peers that nobody heard of for a week are forgotten. */
const FORGET_MS: number = 7 * 24 * 3_600_000;

/** A member that has not joined. */
export function createMembership(needs: MembershipNeeds): Membership {
  return new NodeMembership(needs);
}

class NodeMembership implements Membership {
  readonly #needs: MembershipNeeds;
  #controller = new AbortController();
  #running: Promise<void> = Promise.resolve();
  /** What was said last of each trouble: the same is not said again every minute. */
  readonly #said = new Map<string, string>();
  /** Registries that have not taken the record yet. */
  #untold: readonly DiscoverySource[] = [];
  readonly #wakers = new Set<() => void>();

  constructor(needs: MembershipNeeds) {
    this.#needs = needs;
  }

  async start(): Promise<void> {
    const { role, announcer, log } = this.#needs;
    this.#controller = new AbortController();
    const { signal } = this.#controller;
    if (role === "server") await announcer.renew();
    this.#running = this.#run(signal).catch((error: unknown) => {
      if (!signal.aborted) log.error("peers: the mesh is no longer looked after", { error });
    });
  }

  async stop(): Promise<void> {
    this.#controller.abort(new Error("The mesh stops"));
    await this.#running;
    await Promise.all(this.#needs.sources.map((source) => this.#leave(source)));
  }

  /** Take back what this registry was told, and hear no more of it. */
  async #leave(source: DiscoverySource): Promise<void> {
    const { clock, log, role } = this.#needs;
    const what = `The source "${source.name}" was not left`;
    const { signal } = new AbortController();
    try {
      await within({ clock, ms: LEAVE_MS, signal, what }, async (ours) => {
        // Also where the last word was a failure: what was sent may have arrived.
        if (role === "server") await source.withdraw?.(ours);
        await source.close?.();
      });
    } catch (error) {
      log.warning("peers: leaving", { source: source.name, error });
    }
  }

  async announce(
    options: AnnounceOptions | undefined,
    registries: readonly DiscoverySource[],
    signal: AbortSignal,
  ): Promise<{ readonly record: SignedRecord; readonly published: readonly Published[] }> {
    const { announcer, gossip } = this.#needs;
    const record = await announcer.renew(options);
    gossip.tell(record);
    return { record, published: await this.#publish(record, registries, signal) };
  }

  wake(): void {
    for (const wake of this.#wakers) wake();
  }

  async firstContacts(): Promise<readonly DialTarget[]> {
    const { lists, config } = this.#needs;
    const names = ["config", "env", "file"] as const;
    const read = await Promise.all([
      ...names.map((name) => lists(name)),
      ...(config().features.publicBootstrap ? [lists("public")] : []),
    ]);
    return read.flatMap(({ addresses }) => addresses).filter(({ fault }) => !fault);
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { node, directory, gossip, joining, clock, random, announcer, role } = this.#needs;
    const unlisten = node.onPeer(({ type, peer }) => {
      const [best] = node.connections(peer);
      directory.reached(peer, best?.direction === "outbound" ? best.address : undefined);
      // Who was here for a moment and said nothing of itself cannot be found again anyway.
      const known = directory.get(peer);
      if (type === "disconnected" && known?.addresses.length === 0) directory.forget(peer);
    });
    try {
      await withScope(async (scope) => {
        scope.start((ours) => gossip.run(ours));
        for (const source of this.#needs.sources) scope.start(() => this.#open(source));
        if (role === "server") {
          scope.start(async (ours) => {
            if (announcer.record) await this.#publish(announcer.record, this.#needs.sources, ours);
          });
        }
        await keepUp(
          {
            node,
            clock,
            random,
            isConnected: () => joining.connectedMembers().length > 0,
            join: (ours) => this.#join(ours),
            onWake: (woken) => {
              this.#wakers.add(woken);
              return () => void this.#wakers.delete(woken);
            },
            isRecordDue: () => role === "server" && announcer.isDue(),
            announce: async (ours) => {
              await this.announce(undefined, this.#needs.sources, ours);
            },
            sweep: () => {
              const keep = (peer: string): boolean => node.connections(peer).length > 0;
              directory.sweep({ olderThanMs: FORGET_MS, isDryRun: false, keep });
            },
          },
          scope.signal,
        );
      }, signal);
    } finally {
      unlisten();
    }
  }

  /** Log a trouble when it begins or is another one; without `error` it is over. */
  #say(what: string, error: string | undefined): void {
    if (error === undefined) this.#said.delete(what);
    else if (this.#said.get(what) !== error) {
      this.#said.set(what, error);
      this.#needs.log.info(`peers: ${what} failed`, { error });
    }
  }

  async #open(source: DiscoverySource): Promise<void> {
    try {
      await source.open?.();
    } catch (error) {
      this.#needs.log.warning("peers: a source was not opened", { source: source.name, error });
    }
  }

  /** First contacts by their lists, then whoever the sources and the directory know. */
  async #join(signal: AbortSignal): Promise<void> {
    const { joining, sources, announcer, config, log } = this.#needs;
    const { maxConnections } = config().mesh;
    const limits = { maxConnections, timeoutMs: DIAL_MS, signal };
    try {
      const contacts = await this.firstContacts();
      const all = { ...limits, enough: Number.POSITIVE_INFINITY };
      const { connected, failed } = await joining.dial(contacts, all);
      for (const { address } of connected) this.#say(`first contact ${address}`, undefined);
      for (const { address, reason } of failed) this.#say(`first contact ${address}`, reason);
      await joining.look({ sources, limit: LOOK_LIMIT, timeoutMs: LOOK_MS, signal });
      await joining.dial(joining.candidates(), { ...limits, enough: WANTED_CONNECTIONS });
      const { record } = announcer;
      if (record && this.#untold.length > 0) await this.#publish(record, this.#untold, signal);
    } catch (error) {
      signal.throwIfAborted();
      // A list that cannot be read, say: the next round may find it mended.
      log.warning("peers: joining", { error: messageOf(error) });
    }
  }

  async #publish(
    record: SignedRecord,
    registries: readonly DiscoverySource[],
    signal: AbortSignal,
  ): Promise<readonly Published[]> {
    const { clock } = this.#needs;
    const able = registries.filter((source) => source.publish !== undefined);
    const published = await publish(able, record, { clock, signal });
    const untold = able.filter((_, at) => published[at]?.ok === false);
    this.#untold = [...this.#untold.filter((source) => !able.includes(source)), ...untold];
    for (const [at, { registry, error }] of published.entries()) {
      // Alone at the start, the table has nobody to tell, which is no trouble.
      if (registry !== "dht") this.#say(`registry ${at + 1}, ${registry},`, error);
    }
    return published;
  }
}
