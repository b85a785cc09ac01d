import * as v from "valibot";
import { defineTool, type Tool } from "../../src/tool.ts";
import { reportSchema } from "./report.ts";

/** Bootstrap from the environment. */
export const bootstrapFromEnv: Tool = defineTool({
  name: "p2p_bootstrap_from_env",
  title: "Bootstrap from the environment",
  description: "Read addresses of peers from an environment variable and connect to them",
  details:
    "Only variables whose name ends in _BOOTSTRAP or _PEERS are read: others may hold secrets.",
  input: v.object({
    name: v.optional(
      v.pipe(
        v.string(),
        v.minLength(1),
        v.maxLength(128),
        v.description("Left out, MCPP_BOOTSTRAP"),
      ),
    ),
  }),
  output: reportSchema,
  annotations: { destructiveHint: false, idempotentHint: true, openWorldHint: true },
  routing: { requiresMesh: true },
  example: { name: "MCPP_BOOTSTRAP" },
  run: ({ name }, { peers, signal }) => peers.readBootstrap("env", { name, signal }),
});
