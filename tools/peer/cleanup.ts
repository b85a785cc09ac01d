import * as v from "valibot";
import { defineTool, type Tool } from "../../src/tool.ts";
import { whole } from "./schemas.ts";

/** Forget peers that are gone. */
export const peerCleanup: Tool = defineTool({
  name: "p2p_peer_cleanup",
  title: "Forget stale peers",
  description: "Forget peers that were not heard of, and remove ended records from registries",
  details:
    "Connected peers stay. In a GitHub registry only comments go whose own signed record is over; " +
    "unsigned ones may be anybody's and are left alone.",
  input: v.object({
    olderThanMs: v.optional(
      whole(0, 31_536_000_000, "Last heard of longer ago than this, in ms"),
      1_800_000,
    ),
    dryRun: v.optional(v.pipe(v.boolean(), v.description("Only say what would go")), false),
  }),
  output: v.object({
    removed: v.pipe(v.array(v.string()), v.description("Ids of the peers")),
    kept: v.number(),
  }),
  annotations: { destructiveHint: true, idempotentHint: true, openWorldHint: true },
  routing: { requiresMesh: true },
  example: { olderThanMs: 86_400_000, dryRun: true },
  async run({ olderThanMs, dryRun }, { peers, signal }) {
    const { removed, kept } = await peers.cleanup({ olderThanMs, isDryRun: dryRun, signal });
    return { removed: [...removed], kept };
  },
});
