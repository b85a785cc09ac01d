/**
 * Records travel from peer to peer: whoever connects tells whom it knows and asks the same, and what
 * is news is told to every connected peer but the one that brought it.
 *
 * @module
 */

import type { Clock } from "../concurrency/clock.ts";
import { type Scope, withScope } from "../concurrency/scope.ts";
import { UnavailableError } from "../errors.ts";
import type { MeshNode } from "../mesh/mesh-node.ts";
import type { SignedRecord } from "../registry/peers.ts";
import type { Directory } from "./directory.ts";
import {
  type Answer,
  exchangeRecords,
  MAX_RECORDS,
  MAX_TAGS,
  type PeersQuestion,
  serveRecords,
  tagOf,
} from "./exchange.ts";
import type { DiscoverySource, FindOptions, PeerSighting } from "./source.ts";

/** News of this span travel together. */
const GATHER_MS = 250;

/** Records that one peer may bring within a minute: each costs a verification. */
const RECORDS_PER_MINUTE = 4_096;

/** Waits before what failed is tried again. */
const AGAIN_MS: readonly number[] = [1_000, 5_000];

/** Connected peers that a round of discovery asks. */
const ASKED = 8;

/** What gossip stands on. */
export interface GossipNeeds {
  readonly node: Pick<MeshNode, "peer" | "connections" | "openStream" | "handle" | "onPeer">;
  readonly clock: Clock;
  readonly directory: Directory;
  /** This node's own record, once there is one. */
  readonly own: () => SignedRecord | undefined;
  /** A record that was not known before. */
  readonly learnt: (record: SignedRecord) => void;
  readonly failed: (peer: string, error: unknown) => void;
}

/** The exchange of records with connected peers. */
export interface Gossip {
  /** Take part until the signal fires. */
  run(signal: AbortSignal): Promise<void>;
  /** Pass a record on; `from` knows it already. */
  tell(record: SignedRecord, from?: string): void;
  /** Connected peers as a source of others. */
  readonly source: DiscoverySource;
}

interface News {
  readonly record: SignedRecord;
  readonly from: string | undefined;
}

/** Gossip that is silent until it runs. */
export function createGossip(needs: GossipNeeds): Gossip {
  return new RecordGossip(needs);
}

class RecordGossip implements Gossip {
  readonly source: DiscoverySource;
  readonly #needs: GossipNeeds;
  readonly #allow: (peer: string, records: number) => void;
  readonly #news = new Map<string, News>();
  #scope: Scope | undefined;
  #disarm: (() => void) | undefined;

  constructor(needs: GossipNeeds) {
    this.#needs = needs;
    this.#allow = createAllowance(needs.clock);
    this.source = { name: "peers", find: (options) => this.#find(options) };
  }

  async run(signal: AbortSignal): Promise<void> {
    const { node, failed } = this.#needs;
    const unserve = await serveRecords(
      this.#needs,
      (peer, question) => this.#answer(peer, question),
      failed,
      signal,
    );
    try {
      await withScope(async (scope) => {
        this.#scope = scope;
        const unlisten = node.onPeer(({ type, peer }) => type === "connected" && this.#meet(peer));
        for (const peer of this.#connected()) this.#meet(peer);
        await fired(scope.signal);
        unlisten();
        this.#disarm?.();
        this.#scope = undefined;
      }, signal);
    } finally {
      await unserve();
    }
  }

  tell(record: SignedRecord, from?: string): void {
    this.#news.set(record.peer, { record, from });
    this.#disarm ??= this.#needs.clock.after(GATHER_MS, () => this.#passNews());
  }

  /** Whoever dialled begins: the question carries both what it knows and what it wants. */
  #meet(peer: string): void {
    const { node } = this.#needs;
    if (!node.connections(peer).some(({ direction }) => direction === "outbound")) return;
    this.#scope?.start((signal) =>
      this.#patiently(peer, signal, () => this.#exchange(peer, signal)),
    );
  }

  /** A stream may break while a connection changes its way; what it carried is not lost with it. */
  async #patiently(peer: string, signal: AbortSignal, work: () => Promise<unknown>): Promise<void> {
    const { clock, failed, node } = this.#needs;
    for (const waitMs of [...AGAIN_MS, undefined]) {
      try {
        await work();
        return;
      } catch (error) {
        failed(peer, error);
      }
      if (waitMs === undefined) return;
      await clock.sleep(waitMs, signal).catch(() => undefined);
      if (signal.aborted || node.connections(peer).length === 0) return;
    }
  }

  async #exchange(peer: string, signal: AbortSignal): Promise<void> {
    const own = [this.#needs.own() ?? []].flat();
    const have = this.#needs.directory.records(MAX_TAGS).map(tagOf);
    const question = { want: MAX_RECORDS, records: own, have };
    const { records, lack } = await exchangeRecords(this.#needs, peer, question, signal);
    await this.#take(records, peer);
    if (lack.length === 0) return;
    // Looked up now: the answer may have brought newer records of the same peers.
    const wanted = new Set(lack.map((at) => have[at]));
    const held = this.#needs.directory.records(MAX_TAGS);
    const missing = held.filter((record) => record.peer !== peer && wanted.has(tagOf(record)));
    if (missing.length > 0) await this.#inform(peer, missing.slice(0, MAX_RECORDS), signal);
  }

  async #answer(peer: string, { want, records, have }: PeersQuestion): Promise<Answer> {
    await this.#take(records, peer);
    if (want === 0) return { records: [], lack: [] };
    const held = this.#known(MAX_TAGS, peer);
    const theirs = new Set(have);
    const ours = new Set(held.map(tagOf));
    const lack = [...have.keys()].filter((at) => !ours.has(have[at] ?? ""));
    return { records: held.filter((record) => !theirs.has(tagOf(record))).slice(0, want), lack };
  }

  async #take(records: readonly unknown[], from: string): Promise<void> {
    this.#allow(from, records.length);
    for (const one of records) {
      const { record, isNew } = await this.#needs.directory.accept(one, "peers");
      if (!record || !isNew) continue;
      this.#needs.learnt(record);
      this.tell(record, from);
    }
  }

  /** Own record first: it is the one that the other side needs most. */
  #known(limit: number, except: string): readonly SignedRecord[] {
    const others = this.#needs.directory.records(limit).filter(({ peer }) => peer !== except);
    return [this.#needs.own() ?? [], others].flat().slice(0, limit);
  }

  #passNews(): void {
    this.#disarm = undefined;
    const told = [...this.#news.values()].slice(0, MAX_RECORDS);
    for (const { record } of told) this.#news.delete(record.peer);
    for (const peer of this.#connected()) {
      const isNewsTo = ({ record, from }: News): boolean => from !== peer && record.peer !== peer;
      const records = told.filter(isNewsTo).map(({ record }) => record);
      if (records.length > 0) this.#scope?.start((signal) => this.#inform(peer, records, signal));
    }
    if (this.#news.size > 0) {
      this.#disarm = this.#needs.clock.after(GATHER_MS, () => this.#passNews());
    }
  }

  #inform(peer: string, records: readonly SignedRecord[], signal: AbortSignal): Promise<void> {
    return this.#patiently(peer, signal, () =>
      exchangeRecords(this.#needs, peer, { want: 0, records }, signal),
    );
  }

  async #find({ limit, signal }: FindOptions): Promise<readonly PeerSighting[]> {
    const question = { want: Math.min(limit, MAX_RECORDS), records: this.#known(1, "") };
    const asked = this.#connected().slice(0, ASKED);
    const answers = await Promise.allSettled(
      asked.map((peer) => exchangeRecords(this.#needs, peer, question, signal)),
    );
    const failure = answers.find((answer) => answer.status === "rejected");
    const records = answers.flatMap((answer) =>
      answer.status === "fulfilled" ? answer.value.records : [],
    );
    // One silent peer is no failure of the source; that all are is.
    if (failure && answers.every(({ status }) => status === "rejected")) throw failure.reason;
    return records.slice(0, limit).map((record) => ({ addresses: [], record }));
  }

  #connected(): readonly string[] {
    return [...new Set(this.#needs.node.connections().map(({ peer }) => peer))];
  }
}

/** Resolves when the signal fires. */
function fired(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Counts the records that each peer brings, and refuses too many. */
function createAllowance(clock: Clock): (peer: string, records: number) => void {
  let minute = 0;
  const brought = new Map<string, number>();
  return (peer, records) => {
    const now = Math.floor(clock.now() / 60_000);
    if (now !== minute) brought.clear();
    minute = now;
    const sum = (brought.get(peer) ?? 0) + records;
    brought.set(peer, sum);
    if (sum <= RECORDS_PER_MINUTE) return;
    throw new UnavailableError(
      "rate_limited",
      `Peer ${peer} told of more than ${RECORDS_PER_MINUTE} peers within a minute`,
      { data: { peer } },
    );
  };
}
