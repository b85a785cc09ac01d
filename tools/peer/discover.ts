import * as v from "valibot";
import { defineTool, type Tool } from "../../src/tool.ts";
import { peerInfoSchema, SOURCES, sourcesSchema, whole } from "./schemas.ts";

/** Look for peers. */
export const peerDiscover: Tool = defineTool({
  name: "p2p_peer_discover",
  title: "Discover peers",
  description: "Look for peers in every source at once: neighbours, registries, local network",
  details:
    "Each source has the whole time for itself and cannot fail the others; sources tells what each " +
    "brought, or why nothing. What is found is remembered: p2p_peer_list shows it later.",
  input: v.object({
    sources: v.optional(sourcesSchema("Only these; left out, all that are configured")),
    ability: v.optional(
      v.pipe(v.string(), v.minLength(1), v.maxLength(128), v.description("Only peers that say so")),
    ),
    limit: v.optional(whole(1, 256, "How many at the most"), 10),
    timeoutMs: v.optional(whole(1, 60_000, "Time for each source, in ms"), 5_000),
  }),
  output: v.object({
    peers: v.array(peerInfoSchema),
    sources: v.array(
      v.object({
        source: v.picklist(SOURCES),
        found: v.number(),
        ms: v.number(),
        error: v.exactOptional(v.string()),
      }),
    ),
  }),
  annotations: { destructiveHint: false, idempotentHint: true, openWorldHint: true },
  routing: { requiresMesh: true },
  example: { ability: "gpu", limit: 5 },
  async run(input, context) {
    const { peers, sources } = await context.peers.discover({ ...input, signal: context.signal });
    return { peers: [...peers], sources: [...sources] };
  },
});
