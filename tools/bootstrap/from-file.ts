import * as v from "valibot";
import { defineTool, type Tool } from "../../src/tool.ts";
import { reportSchema } from "./report.ts";

/** Bootstrap from a file. */
export const bootstrapFromFile: Tool = defineTool({
  name: "p2p_bootstrap_from_file",
  title: "Bootstrap from a file",
  description: "Read addresses of peers from a file and connect to them",
  details:
    "The file holds a JSON array, or multiaddrs between commas and line ends, with comments after #. " +
    "A given path must lie under the configured roots.",
  input: v.object({
    path: v.optional(
      v.pipe(
        v.string(),
        v.minLength(1),
        v.maxLength(4096),
        v.description("Left out, peers.txt in the data directory"),
      ),
    ),
  }),
  output: reportSchema,
  annotations: { destructiveHint: false, idempotentHint: true, openWorldHint: true },
  routing: { requiresMesh: true },
  example: { path: "peers.txt" },
  run: ({ path }, { peers, signal }) => peers.readBootstrap("file", { path, signal }),
});
