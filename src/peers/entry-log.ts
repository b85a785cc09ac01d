/** Keeps the entries of the directory in a store: what changes within a second is written at once. @module */

import * as v from "valibot";
import type { Clock } from "../concurrency/clock.ts";
import type { PeerInfo, SignedRecord } from "../registry/peers.ts";
import type { Store, Write } from "../storage/store.ts";

/** Where an entry came from. */
export type Origin = PeerInfo["source"];

/** An entry as it is kept. */
export interface Entry {
  peer: string;
  source: Origin;
  addresses: string[];
  record?: SignedRecord;
  lastSeen: number;
  wasReached: boolean;
  failures: number;
  rttMs?: number;
}

/** What the log stands on. */
export interface EntryLogNeeds {
  readonly store: Store;
  readonly clock: Clock;
  readonly report: (error: unknown) => void;
}

/** The durable side of the directory. */
export interface EntryLog {
  /** What was there when it was opened, least recently seen first. */
  readonly loaded: readonly Entry[];
  /** An entry is another one now, or gone. */
  changed(peer: string, entry: Entry | undefined): void;
  /** Write what changed. */
  flush(): Promise<void>;
}

/** A peer that answers pings changes its entry often; the disk need not know each time. */
const WRITE_AFTER_MS = 1_000;

const EntrySchema = v.object({
  peer: v.string(),
  source: v.picklist([
    "file",
    "env",
    "public",
    "mdns",
    "dht",
    "rendezvous",
    "github",
    "peers",
    "connection",
  ]),
  addresses: v.array(v.string()),
  record: v.exactOptional(v.custom<SignedRecord>((value) => typeof value === "object")),
  lastSeen: v.number(),
  wasReached: v.boolean(),
  failures: v.number(),
  rttMs: v.exactOptional(v.number()),
});

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** An entry of this version, or nothing: a directory is a memory, and what it lost is found again. */
function parseEntry(bytes: Uint8Array): Entry | undefined {
  try {
    return v.parse(EntrySchema, JSON.parse(decoder.decode(bytes)));
  } catch {
    return undefined;
  }
}

const writeOf = ([key, entry]: readonly [string, Entry | undefined]): Write =>
  entry ? { key, value: encoder.encode(JSON.stringify(entry)) } : { key };

/** Read what is there; entries that cannot be read are removed. */
export async function openEntryLog({ store, clock, report }: EntryLogNeeds): Promise<EntryLog> {
  const loaded: Entry[] = [];
  const pending = new Map<string, Entry | undefined>();
  for await (const { key, value } of store.scan({ prefix: "" })) {
    const entry = parseEntry(value);
    if (entry) loaded.push(entry);
    else pending.set(key, undefined);
  }
  let disarm: (() => void) | undefined;
  let writing: Promise<void> = Promise.resolve();

  const write = (): Promise<void> => {
    disarm?.();
    disarm = undefined;
    if (pending.size === 0) return writing;
    const changes = [...pending];
    pending.clear();
    const save = async (): Promise<void> => {
      try {
        await store.write(changes.map(writeOf));
      } catch (error) {
        // It goes with the next change, unless that is one of the same entry.
        for (const [key, entry] of changes) if (!pending.has(key)) pending.set(key, entry);
        throw error;
      }
    };
    // One after the other, so that an older state never lands on a newer one.
    writing = writing.then(save, save);
    return writing;
  };
  return {
    loaded: loaded.toSorted((a, b) => a.lastSeen - b.lastSeen),
    changed(peer, entry) {
      pending.set(peer, entry);
      disarm ??= clock.after(WRITE_AFTER_MS, () => void write().catch(report));
    },
    flush: write,
  };
}
