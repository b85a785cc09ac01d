/** Results of pure tools, served again for the same input while they are fresh. @module */

import canonicalize from "canonicalize";
import type { Clock } from "../concurrency/clock.ts";
import type { RegisteredTool } from "../registry/registry.ts";
import type { CallResult } from "../registry/result.ts";

/** Bounded by number of results; the least recently used goes first. */
export interface ResultCache {
  /** The key of a call whose result may be cached, else `undefined`. */
  keyOf(target: RegisteredTool, input: unknown): string | undefined;
  get(key: string): CallResult | undefined;
  put(key: string, result: CallResult, ttlMs: number): void;
}

interface Cached {
  readonly result: CallResult;
  readonly until: number;
}

/** An empty cache of at most `maxEntries` results. */
export function createResultCache(clock: Clock, maxEntries = 1024): ResultCache {
  const entries = new Map<string, Cached>();
  return {
    keyOf(target, input) {
      if (!target.tool.routing.cacheTtlMs) return undefined;
      return `${target.category}\u0000${target.name}\u0000${canonicalize(input)}`;
    },
    get(key) {
      const found = entries.get(key);
      if (!found) return undefined;
      entries.delete(key);
      if (found.until <= clock.now()) return undefined;
      entries.set(key, found);
      return found.result;
    },
    put(key, result, ttlMs) {
      if (result.isError || result.resultType === "input_required") return;
      entries.set(key, { result, until: clock.now() + ttlMs });
      const [oldest] = entries.keys();
      if (entries.size > maxEntries && oldest !== undefined) entries.delete(oldest);
    },
  };
}
