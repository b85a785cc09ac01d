import * as v from "valibot";
import { defineTool, type Tool, whole } from "../../src/tool.ts";
import { entrySchema, keySchema } from "./entry.ts";

/** Ten years: more than any cache lives, and far from the end of what dates can say. */
const MAX_TTL_MS = 10 * 366 * 24 * 3_600_000;

/** Store a value in the cache. */
export const cacheSet: Tool = defineTool({
  name: "cache_set",
  title: "Store in the cache",
  description: "Store a JSON value in the cache under a key",
  details:
    "It replaces what the key held, survives a restart, and may be evicted when the cache is full.",
  input: v.object({
    key: keySchema,
    value: v.pipe(v.unknown(), v.description("Any JSON value")),
    ttlMs: v.optional(
      whole(1, MAX_TTL_MS, "How long to keep it, in ms; left out, the server's default"),
    ),
  }),
  output: entrySchema,
  annotations: { destructiveHint: false, idempotentHint: true, openWorldHint: false },
  example: { key: "report/2026-01", value: { rows: 12 }, ttlMs: 60_000 },
  run: ({ key, value, ttlMs }, { cache }) =>
    cache.set(key, value, ttlMs === undefined ? {} : { ttlMs }),
});
