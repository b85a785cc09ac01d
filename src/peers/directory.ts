/**
 * Every peer that this node has heard of: their addresses, their signed records, and how well they
 * were reached. It survives a restart and has a size.
 *
 * @module
 */

import type { Clock } from "../concurrency/clock.ts";
import type { SignedRecord } from "../registry/peers.ts";
import type { Store } from "../storage/store.ts";
import type { Counter, Family, Metrics } from "../telemetry/metrics.ts";
import { addressesOf, isPeerId } from "./addresses.ts";
import { type Entry, type EntryLog, type Origin, openEntryLog } from "./entry-log.ts";
import { type KnownPeer, knownPeer } from "./known-peer.ts";
import { judgeRecord, type RecordFault } from "./peer-record.ts";
import type { PeerSighting } from "./source.ts";

/** The directory of peers. */
export interface Directory {
  readonly size: number;
  get(peer: string): KnownPeer | undefined;
  /** In the order of their ids. */
  list(): readonly KnownPeer[];
  /** Records that have not ended, most recently heard of first. */
  records(limit: number): readonly SignedRecord[];
  /** Take over the addresses that a source told. */
  sight(sighting: PeerOf, source: Origin): void;
  /** Believe a record, or say why not; `isNew` where it tells something that was not known. */
  accept(record: unknown, source: Origin): Promise<Acceptance>;
  /** A connection was made, by us to `address` where one is given. */
  reached(peer: string, address?: string): void;
  measured(peer: string, rttMs: number): void;
  failed(peer: string): void;
  forget(peer: string): void;
  /** Peers last heard of before `olderThanMs`, but for those to keep; they are gone unless dry. */
  sweep(options: SweepOptions): readonly string[];
  /** Write what changed. */
  close(): Promise<void>;
}

/** A sighting of somebody whose id is known. */
export type PeerOf = Omit<PeerSighting, "record"> & { readonly peer: string };

/** What became of a record. */
export type Acceptance =
  | { readonly record: SignedRecord; readonly isNew: boolean; readonly fault?: undefined }
  | { readonly fault: RecordFault; readonly record?: undefined; readonly isNew?: undefined };

/** Which peers a sweep may take. */
export interface SweepOptions {
  readonly olderThanMs: number;
  readonly isDryRun: boolean;
  readonly keep: (peer: string) => boolean;
}

/** What the directory needs. */
export interface DirectoryNeeds {
  readonly store: Store;
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** This node's own id, which is not an entry. */
  readonly self: string;
  readonly maxPeers?: number;
  /** Hears of every record that tells something new. */
  readonly told?: (record: SignedRecord) => void;
  /** Takes what went wrong in the background. */
  readonly report: (error: unknown) => void;
}

/** Entries past this number push out the least recently seen that was never reached. */
export const MAX_PEERS = 10_000;

const DROPPED = "mcpp_peer_records_dropped_total";

/** A peer has few ways to be reached; more are noise. */
const MAX_ADDRESSES = 16;

/** Open the directory with what it knew before. */
export async function openDirectory(needs: DirectoryNeeds): Promise<Directory> {
  return new StoredDirectory(needs, await openEntryLog(needs));
}

class StoredDirectory implements Directory {
  readonly #needs: DirectoryNeeds;
  readonly #log: EntryLog;
  readonly #dropped: Family<Counter>;
  /** Least recently seen first: an entry that is seen goes to the end. */
  readonly #entries: Map<string, Entry>;

  constructor(needs: DirectoryNeeds, log: EntryLog) {
    this.#needs = needs;
    this.#log = log;
    this.#entries = new Map(log.loaded.map((entry) => [entry.peer, entry]));
    const { metrics } = needs;
    metrics.watch("mcpp_peers_known", "Peers in the directory", () => this.#entries.size);
    this.#dropped = metrics.counter(DROPPED, "Records of peers that were not believed", ["reason"]);
  }

  get size(): number {
    return this.#entries.size;
  }

  get(peer: string): KnownPeer | undefined {
    const entry = this.#entries.get(peer);
    return entry && knownPeer(entry);
  }

  list(): readonly KnownPeer[] {
    return [...this.#entries.values()].map(knownPeer).sort((a, b) => (a.peer < b.peer ? -1 : 1));
  }

  records(limit: number): readonly SignedRecord[] {
    const now = this.#needs.clock.now();
    const records: SignedRecord[] = [];
    for (const { record } of [...this.#entries.values()].reverse()) {
      if (records.length >= limit) break;
      if (record && Date.parse(record.expiresAt) > now) records.push(record);
    }
    return records;
  }

  sight({ peer, addresses, lastSeen }: PeerOf, source: Origin): void {
    if (peer === this.#needs.self || !isPeerId(peer)) return;
    const sound = addressesOf(peer, addresses);
    if (sound.length === 0) return;
    const entry = this.#ensure(peer, source);
    const signed = addressesOf(peer, entry.record?.addresses ?? []);
    entry.addresses = merged(signed, sound, entry.addresses);
    this.#seen(entry, lastSeen);
  }

  async accept(value: unknown, source: Origin): Promise<Acceptance> {
    const known = this.#heldRecord(value);
    if (known) return { record: known, isNew: false };
    const { record, fault } = await judgeRecord(value, this.#needs.clock.now());
    if (fault !== undefined) return this.#drop(fault);
    // One's own record comes back from every source; it says nothing new.
    if (record.peer === this.#needs.self) return { record, isNew: false };
    // Two sources may have brought it at once.
    const meanwhile = this.#heldRecord(value);
    if (meanwhile) return { record: meanwhile, isNew: false };
    const before = this.#entries.get(record.peer)?.record;
    if (before && record.sequence <= before.sequence) return this.#drop("replayed");
    const entry = this.#ensure(record.peer, source);
    entry.record = record;
    entry.addresses = merged(addressesOf(record.peer, record.addresses), entry.addresses);
    this.#seen(entry);
    this.#needs.told?.(record);
    return { record, isNew: true };
  }

  reached(peer: string, address?: string): void {
    const entry = this.#ensure(peer, "connection");
    entry.wasReached = true;
    entry.failures = 0;
    if (address !== undefined) {
      entry.addresses = merged(addressesOf(peer, [address]), entry.addresses);
    }
    this.#seen(entry);
  }

  measured(peer: string, rttMs: number): void {
    const entry = this.#entries.get(peer);
    if (!entry) return;
    entry.rttMs = rttMs;
    this.#seen(entry);
  }

  failed(peer: string): void {
    const entry = this.#entries.get(peer);
    if (!entry) return;
    entry.failures += 1;
    this.#log.changed(peer, entry);
  }

  forget(peer: string): void {
    if (this.#entries.delete(peer)) this.#log.changed(peer, undefined);
  }

  sweep({ olderThanMs, isDryRun, keep }: SweepOptions): readonly string[] {
    const before = this.#needs.clock.now() - olderThanMs;
    const peers = [...this.#entries.values()]
      .filter(({ peer, lastSeen }) => lastSeen < before && !keep(peer))
      .map(({ peer }) => peer);
    if (!isDryRun) for (const peer of peers) this.forget(peer);
    return peers.sort();
  }

  close(): Promise<void> {
    return this.#log.flush();
  }

  /** The record that was believed before under this signature: most of what peers tell is known. */
  #heldRecord(value: unknown): SignedRecord | undefined {
    const { peer, signature } = (value ?? {}) as Partial<SignedRecord>;
    const held = typeof peer === "string" ? this.#entries.get(peer)?.record : undefined;
    if (!held || held.signature !== signature) return undefined;
    return Date.parse(held.expiresAt) > this.#needs.clock.now() ? held : undefined;
  }

  #ensure(peer: string, source: Origin): Entry {
    const known = this.#entries.get(peer);
    if (known) return known;
    const entry = { peer, source, addresses: [], lastSeen: 0, wasReached: false, failures: 0 };
    this.#entries.set(peer, entry);
    return entry;
  }

  #seen(entry: Entry, at: number = this.#needs.clock.now()): void {
    const { clock, maxPeers = MAX_PEERS } = this.#needs;
    entry.lastSeen = Math.max(entry.lastSeen, Math.min(at, clock.now()));
    this.#entries.delete(entry.peer);
    this.#entries.set(entry.peer, entry);
    this.#log.changed(entry.peer, entry);
    if (this.#entries.size > maxPeers) this.forget(leastMissed(this.#entries, entry.peer));
  }

  #drop(fault: RecordFault): Acceptance {
    this.#dropped.with(fault).add(1);
    return { fault };
  }
}

const merged = (...lists: readonly (readonly string[])[]): string[] =>
  [...new Set(lists.flat())].slice(0, MAX_ADDRESSES);

/** The first in line that was never reached; where all were, the first. */
function leastMissed(entries: ReadonlyMap<string, Entry>, newest: string): string {
  let first: string | undefined;
  for (const { peer, wasReached } of entries.values()) {
    if (peer === newest) continue;
    if (!wasReached) return peer;
    first ??= peer;
  }
  return first ?? newest;
}
