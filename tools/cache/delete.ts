import * as v from "valibot";
import { defineTool, type Tool } from "../../src/tool.ts";
import { keySchema } from "./entry.ts";

/** Remove a value from the cache. */
export const cacheDelete: Tool = defineTool({
  name: "cache_delete",
  title: "Delete from the cache",
  description: "Remove one entry from the cache",
  input: v.object({ key: keySchema }),
  output: v.object({
    deleted: v.pipe(v.boolean(), v.description("Whether there was such an entry")),
  }),
  annotations: { destructiveHint: true, idempotentHint: true, openWorldHint: false },
  example: { key: "report/2026-01" },
  run: async ({ key }, { cache }) => ({ deleted: await cache.delete(key) }),
});
