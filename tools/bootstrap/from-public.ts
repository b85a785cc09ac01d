import * as v from "valibot";
import { defineTool, type Tool } from "../../src/tool.ts";
import { limitSchema, reportSchema } from "./report.ts";

/** Bootstrap from the public nodes of libp2p. */
export const bootstrapFromPublic: Tool = defineTool({
  name: "p2p_bootstrap_from_public",
  title: "Bootstrap from public nodes",
  description: "Show the well-known public libp2p nodes and, where allowed, connect to them",
  details: "They are dialled only when features.publicBootstrap is on.",
  input: v.object({ limit: v.optional(limitSchema, 10) }),
  output: reportSchema,
  annotations: { destructiveHint: false, idempotentHint: true, openWorldHint: true },
  routing: { requiresMesh: true },
  example: { limit: 3 },
  run: ({ limit }, { peers, signal }) => peers.readBootstrap("public", { limit, signal }),
});
