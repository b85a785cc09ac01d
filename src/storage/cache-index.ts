/** What a cache knows of its entries without their values: which are there, and which go first. @module */

import type { CacheEntryInfo } from "../registry/context.ts";

/** How much a cache may hold, and for how long. */
export interface CacheLimits {
  readonly maxEntries: number;
  readonly maxSizeBytes: number;
  /** For values that are set without a time of their own; left out, they stay until evicted. */
  readonly defaultTtlMs?: number;
}

/** What is known of an entry without its value. */
export interface About {
  readonly sizeBytes: number;
  readonly storedAt: number;
  readonly expiresAt?: number;
  usedAt: number;
}

/** Entries by key, least recently used first; does no I/O. */
export class CacheIndex {
  readonly #now: () => number;
  readonly #limits: CacheLimits;
  readonly #entries: Map<string, About>;
  /** Tells the owner that an entry is gone and its bytes may go too. */
  readonly #dropped: (key: string) => void;
  #sizeBytes = 0;
  evictions = 0;
  expirations = 0;

  constructor(
    known: readonly (readonly [string, About])[],
    now: () => number,
    limits: CacheLimits,
    dropped: (key: string) => void,
  ) {
    this.#now = now;
    this.#limits = limits;
    this.#dropped = dropped;
    this.#entries = new Map(known.toSorted(([, a], [, b]) => a.usedAt - b.usedAt));
    for (const [, { sizeBytes }] of known) this.#sizeBytes += sizeBytes;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** The entry, unless its time is over. */
  get(key: string): About | undefined {
    const about = this.#entries.get(key);
    if (about?.expiresAt === undefined || about.expiresAt > this.#now()) return about;
    this.#drop(key);
    this.expirations += 1;
    return undefined;
  }

  entries(): readonly (readonly [string, About])[] {
    this.#expire();
    return [...this.#entries];
  }

  /** Make the entry the last to be evicted. */
  touch(key: string, about: About): void {
    about.usedAt = this.#now();
    this.#entries.delete(key);
    this.#entries.set(key, about);
  }

  /** Add an entry that is within the limits by itself; others go where there is no room. */
  set(key: string, about: About): void {
    this.forget(key);
    this.#entries.set(key, about);
    this.#sizeBytes += about.sizeBytes;
    this.makeRoom();
  }

  forget(key: string): void {
    this.#sizeBytes -= this.#entries.get(key)?.sizeBytes ?? 0;
    this.#entries.delete(key);
  }

  /** Expired entries go first, then those that were not used for longest. */
  makeRoom(): void {
    const { maxEntries, maxSizeBytes } = this.#limits;
    const isOver = (): boolean => this.#entries.size > maxEntries || this.#sizeBytes > maxSizeBytes;
    if (isOver()) this.#expire();
    for (const key of this.#entries.keys()) {
      if (!isOver()) return;
      this.#drop(key);
      this.evictions += 1;
    }
  }

  #expire(): void {
    for (const key of [...this.#entries.keys()]) this.get(key);
  }

  #drop(key: string): void {
    this.forget(key);
    this.#dropped(key);
  }
}

/** An entry as callers see it. */
export function infoOf(key: string, { sizeBytes, storedAt, expiresAt }: About): CacheEntryInfo {
  return {
    key,
    sizeBytes,
    storedAt: new Date(storedAt).toISOString(),
    ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt).toISOString() }),
  };
}
