import * as v from "valibot";
import { defineTool, type Tool } from "../../src/tool.ts";

/** Totals of the cache. */
export const cacheStats: Tool = defineTool({
  name: "cache_stats",
  title: "Cache statistics",
  description: "How full the cache is, and its hits, misses, evictions and expirations",
  details: "Counts are of this process since it started; entries and sizes are of the whole cache.",
  input: v.object({}),
  output: v.object({
    entries: v.number(),
    sizeBytes: v.number(),
    maxEntries: v.number(),
    maxSizeBytes: v.number(),
    hits: v.number(),
    misses: v.number(),
    evictions: v.number(),
    expirations: v.number(),
  }),
  annotations: { readOnlyHint: true, openWorldHint: false },
  example: {},
  run: (_input, { cache }) => ({ ...cache.stats() }),
});
