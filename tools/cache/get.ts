import * as v from "valibot";
import { defineTool, type Tool } from "../../src/tool.ts";
import { entrySchema, keySchema } from "./entry.ts";

/** Read a value from the cache. */
export const cacheGet: Tool = defineTool({
  name: "cache_get",
  title: "Read from the cache",
  description: "Read a value that was stored in the cache",
  details:
    "found is false, and there is no value, where the key was never set, expired or was evicted.",
  input: v.object({ key: keySchema }),
  output: v.object({
    found: v.boolean(),
    value: v.optional(v.unknown()),
    entry: v.optional(entrySchema),
  }),
  annotations: { readOnlyHint: true, openWorldHint: false },
  example: { key: "report/2026-01" },
  run: async ({ key }, { cache }) => {
    const found = await cache.get(key);
    return found ? { found: true, value: found.value, entry: found.info } : { found: false };
  },
});
