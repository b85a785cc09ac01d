/** The reference implementation of {@link Store}: keeps everything in memory. @module */

import { checkKey, compareKeys } from "./keys.ts";
import type { Entry, ScanOptions, Store, Write } from "./store.ts";

/** An empty store that lives as long as the process. */
export function createMemoryStore(): Store {
  return new MemoryStore();
}

class MemoryStore implements Store {
  readonly #values = new Map<string, Uint8Array>();
  /** Every key, in order. */
  readonly #keys: string[] = [];

  async get(key: string): Promise<Uint8Array | undefined> {
    checkKey(key);
    return this.#values.get(key)?.slice();
  }

  async *scan({ prefix, after, limit = Infinity }: ScanOptions): AsyncIterable<Entry> {
    checkKey(prefix);
    let found = 0;
    let index = this.#start(prefix, after);
    for (;;) {
      const key = this.#keys[index];
      if (found === limit || key === undefined || !key.startsWith(prefix)) return;
      const value = this.#values.get(key);
      if (value) yield { key, value: value.slice() };
      found += 1;
      // Looked up again, because the keys may have changed while the caller was at work.
      index = this.#start(prefix, key);
    }
  }

  #start(prefix: string, after: string | undefined): number {
    if (after === undefined || compareKeys(after, prefix) < 0) return this.#position(prefix);
    const index = this.#position(after);
    return this.#keys[index] === after ? index + 1 : index;
  }

  /** Index of the first key that is not before `key`. */
  #position(key: string): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareKeys(this.#keys[middle] ?? "", key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  async write(writes: readonly Write[]): Promise<void> {
    for (const { key } of writes) checkKey(key);
    for (const { key, value } of writes) {
      const isKnown = this.#values.has(key);
      if (value) {
        this.#values.set(key, value.slice());
        if (!isKnown) this.#keys.splice(this.#position(key), 0, key);
      } else if (isKnown) {
        this.#values.delete(key);
        this.#keys.splice(this.#position(key), 1);
      }
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
