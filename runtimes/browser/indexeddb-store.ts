/**
 * The store of a page, on IndexedDB. Keys are kept as their UTF-8 bytes, which IndexedDB orders as
 * the contract wants; text it would order by UTF-16 units.
 *
 * @module
 */

import { ConflictError, messageOf, UnavailableError } from "../../src/errors.ts";
import { checkKey } from "../../src/storage/keys.ts";
import type { Entry, ScanOptions, Store, Write } from "../../src/storage/store.ts";

const TABLE = "entries";

/** Entries that one look at the database brings: a transaction does not outlive an `await`. */
const PAGE = 256;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Open, or make, the database of this origin with that name. */
export async function openIndexedDbStore(name: string): Promise<Store> {
  const opening = indexedDB.open(name, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(TABLE);
  // Another tab that holds an older version open would let this wait for ever.
  const blocked = new Promise<never>((_, reject) => {
    opening.onblocked = () =>
      reject(new ConflictError("data_locked", `Another tab holds an old "${name}" open: close it`));
  });
  const database = await Promise.race([done(name, opening), blocked]);
  // A newer version in another tab, or a person who clears the data, is not held up.
  database.onversionchange = () => database.close();
  return new IndexedDbStore(name, database);
}

class IndexedDbStore implements Store {
  readonly #name: string;
  #database: IDBDatabase | undefined;

  constructor(name: string, database: IDBDatabase) {
    this.#name = name;
    this.#database = database;
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    checkKey(key);
    return await done(this.#name, this.#entries("readonly").get(encoder.encode(key)));
  }

  async *scan({ prefix, after, limit = Infinity }: ScanOptions): AsyncIterable<Entry> {
    checkKey(prefix);
    const first = encoder.encode(prefix);
    let from = after === undefined ? undefined : encoder.encode(after);
    if (from && indexedDB.cmp(from, first) < 0) from = undefined;
    let left = limit;
    while (left > 0) {
      const range = IDBKeyRange.lowerBound(from ?? first, from !== undefined);
      const entries = this.#entries("readonly");
      const count = Math.min(left, PAGE);
      const reading = [
        done(this.#name, entries.getAllKeys(range, count)),
        done<Uint8Array[]>(this.#name, entries.getAll(range, count)),
      ] as const;
      const [keys, values] = await Promise.all(reading);
      for (const [at, value] of values.entries()) {
        // What this store wrote.
        from = new Uint8Array(keys[at] as ArrayBuffer);
        const key = decoder.decode(from);
        if (!key.startsWith(prefix)) return;
        yield { key, value };
      }
      left -= count;
      if (values.length < count) return;
    }
  }

  async write(writes: readonly Write[]): Promise<void> {
    for (const { key } of writes) checkKey(key);
    const entries = this.#entries("readwrite");
    for (const { key, value } of writes) {
      if (value) entries.put(value.slice(), encoder.encode(key));
      else entries.delete(encoder.encode(key));
    }
    const { transaction } = entries;
    await new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(failed(this.#name, transaction.error));
    });
  }

  async close(): Promise<void> {
    // Transactions that began before are finished by the browser.
    this.#database?.close();
    this.#database = undefined;
  }

  #entries(mode: IDBTransactionMode): IDBObjectStore {
    if (!this.#database) {
      throw new UnavailableError("storage_unavailable", `The store "${this.#name}" is closed`);
    }
    try {
      return this.#database.transaction(TABLE, mode).objectStore(TABLE);
    } catch (cause) {
      throw failed(this.#name, cause);
    }
  }
}

function done<T>(name: string, request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(failed(name, request.error));
  });
}

function failed(name: string, cause: unknown): UnavailableError {
  return new UnavailableError(
    "storage_unavailable",
    `The browser's database "${name}" failed: ${messageOf(cause)}`,
    { cause },
  );
}
