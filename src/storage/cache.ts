/**
 * A {@link Cache} over a {@link Store}: bounded in entries and bytes, least recently used out first.
 *
 * The index is in memory and changes at once. Values are only in the store, under `value/`, and
 * the index once more beside them, under `about/`; both are written in one batch.
 *
 * @module
 */

import { InputError, ToolError } from "../errors.ts";
import type { Cache, CacheEntryInfo, CacheStats } from "../registry/context.ts";
import { type About, CacheIndex, type CacheLimits, infoOf } from "./cache-index.ts";
import { checkKey, compareKeys } from "./keys.ts";
import type { Store, Write } from "./store.ts";

/** What a cache is made of. */
export interface CacheNeeds {
  /** Of the cache alone: other keys beginning with `value/` or `about/` would be taken for its own. */
  readonly store: Store;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly limits: CacheLimits;
}

/** How many uses are written along with one change, so that reads cost no commit of their own. */
const MAX_USES_PER_WRITE = 64;

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const toBytes = (value: unknown): Uint8Array => encoder.encode(JSON.stringify(value));

/** Open the cache that is in `store`, or an empty one. */
export async function createCache(needs: CacheNeeds): Promise<Cache> {
  const known: [string, About][] = [];
  for await (const { key, value } of needs.store.scan({ prefix: "about/" })) {
    // Written below and nowhere else.
    known.push([key.slice("about/".length), JSON.parse(decoder.decode(value)) as About]);
  }
  const cache = new StoredCache(needs, known);
  await cache.shrink();
  return cache;
}

class StoredCache implements Cache {
  readonly #store: Store;
  readonly #now: () => number;
  readonly #limits: CacheLimits;
  readonly #index: CacheIndex;
  /** Writes on their way: until they arrive, the store does not answer for these keys. */
  readonly #arriving = new Map<string, Promise<void>>();
  /** Keys to delete, and uses to note, along with the next write. */
  readonly #garbage = new Set<string>();
  readonly #used = new Set<string>();
  #hits = 0;
  #misses = 0;

  constructor({ store, now, limits }: CacheNeeds, known: readonly [string, About][]) {
    this.#store = store;
    this.#now = now;
    this.#limits = limits;
    this.#index = new CacheIndex(known, now, limits, (key) => this.#garbage.add(key));
  }

  /** Bring what an earlier process left under today's limits. */
  async shrink(): Promise<void> {
    this.#index.makeRoom();
    if (this.#garbage.size > 0) await this.#write([]);
  }

  async get(key: string): ReturnType<Cache["get"]> {
    for (;;) {
      // Whoever set the value hears of a failure; here it means that the value is not there.
      await Promise.allSettled([this.#arriving.get(key)]);
      const about = this.#index.get(key);
      const bytes = about && (await this.#store.get(`value/${key}`));
      // Replaced, removed or outlived while we read: look again.
      if (about !== this.#index.get(key) || this.#arriving.has(key)) continue;
      if (!about || !bytes) {
        this.#misses += 1;
        return undefined;
      }
      this.#hits += 1;
      this.#index.touch(key, about);
      this.#used.add(key);
      return { value: JSON.parse(decoder.decode(bytes)) as unknown, info: infoOf(key, about) };
    }
  }

  async set(
    key: string,
    value: unknown,
    { ttlMs = this.#limits.defaultTtlMs }: { readonly ttlMs?: number } = {},
  ): Promise<CacheEntryInfo> {
    checkKey(key);
    const bytes = this.#encode(key, value);
    const now = this.#now();
    const about: About = {
      sizeBytes: sizeOf(key, bytes),
      storedAt: now,
      ...(ttlMs !== undefined && { expiresAt: now + ttlMs }),
      usedAt: now,
    };
    this.#index.set(key, about);
    this.#garbage.delete(key);
    const written = this.#write([
      { key: `value/${key}`, value: bytes },
      { key: `about/${key}`, value: toBytes(about) },
    ]);
    this.#arriving.set(key, written);
    try {
      await written;
      return infoOf(key, about);
    } catch (error) {
      if (this.#index.get(key) === about) this.#index.forget(key);
      throw error;
    } finally {
      if (this.#arriving.get(key) === written) this.#arriving.delete(key);
    }
  }

  #encode(key: string, value: unknown): Uint8Array {
    const json = JSON.stringify(value) as string | undefined;
    if (json === undefined) {
      const message = `The value of "${key}" must be JSON, got ${typeof value}`;
      throw new InputError("invalid_input", message);
    }
    const bytes = encoder.encode(json);
    const sizeBytes = sizeOf(key, bytes);
    const { maxSizeBytes } = this.#limits;
    if (sizeBytes <= maxSizeBytes) return bytes;
    throw new ToolError(
      "too_large",
      `The value of "${key}" takes ${sizeBytes} bytes, and the whole cache holds ${maxSizeBytes}: store less, or a path to a file`,
      { data: { key, sizeBytes, maxSizeBytes } },
    );
  }

  async delete(key: string): Promise<boolean> {
    if (!this.#index.get(key)) return false;
    this.#index.forget(key);
    this.#garbage.add(key);
    await this.#write([]);
    return true;
  }

  async list(options: Parameters<Cache["list"]>[0]): Promise<readonly CacheEntryInfo[]> {
    const { prefix, limit, after } = options;
    return this.#index
      .entries()
      .filter(([key]) => key.startsWith(prefix))
      .filter(([key]) => after === undefined || compareKeys(key, after) > 0)
      .sort(([a], [b]) => compareKeys(a, b))
      .slice(0, limit)
      .map(([key, about]) => infoOf(key, about));
  }

  stats(): CacheStats {
    // Asked first, because asking lets go of what expired.
    const entries = this.#index.entries().length;
    return {
      entries,
      sizeBytes: this.#index.sizeBytes,
      maxEntries: this.#limits.maxEntries,
      maxSizeBytes: this.#limits.maxSizeBytes,
      hits: this.#hits,
      misses: this.#misses,
      evictions: this.#index.evictions,
      expirations: this.#index.expirations,
    };
  }

  #write(writes: readonly Write[]): Promise<void> {
    const batch = [...writes];
    for (const key of this.#garbage) batch.push({ key: `value/${key}` }, { key: `about/${key}` });
    this.#garbage.clear();
    for (const key of [...this.#used].slice(-MAX_USES_PER_WRITE)) {
      const about = this.#index.get(key);
      if (about) batch.push({ key: `about/${key}`, value: toBytes(about) });
    }
    this.#used.clear();
    return this.#store.write(batch);
  }
}

function sizeOf(key: string, bytes: Uint8Array): number {
  return encoder.encode(key).byteLength + bytes.byteLength;
}
