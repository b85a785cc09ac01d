import * as v from "valibot";
import { defineTool, type Tool, whole } from "../../src/tool.ts";
import { entrySchema } from "./entry.ts";

/** List what is in the cache. */
export const cacheList: Tool = defineTool({
  name: "cache_list",
  title: "List the cache",
  description: "List entries of the cache in the order of their keys, without values",
  input: v.object({
    prefix: v.optional(v.pipe(v.string(), v.description("Only keys that begin with this")), ""),
    limit: v.optional(whole(1, 1000, "How many at the most"), 100),
    cursor: v.optional(v.pipe(v.string(), v.description("nextCursor of the page before"))),
  }),
  output: v.object({ entries: v.array(entrySchema), nextCursor: v.optional(v.string()) }),
  annotations: { readOnlyHint: true, openWorldHint: false },
  example: { prefix: "report/", limit: 20 },
  run: async ({ prefix, limit, cursor }, { cache }) => {
    const after = cursor === undefined ? {} : { after: cursor };
    // One more than asked for tells whether there is another page.
    const found = await cache.list({ prefix, limit: limit + 1, ...after });
    const entries = found.slice(0, limit);
    const last = entries.at(-1);
    return found.length > limit && last ? { entries, nextCursor: last.key } : { entries };
  },
});
