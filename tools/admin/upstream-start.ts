import * as v from "valibot";
import { defineTool, type Tool, upstreamStatusSchema } from "../../src/tool.ts";
import { mustBeMounted, nameSchema } from "./upstream-name.ts";

/** Start a mounted server. */
export const adminUpstreamStart: Tool = defineTool({
  name: "admin_upstream_start",
  title: "Start a mounted server",
  description: "Start a mounted MCP server, also after it was stopped or has failed",
  details:
    "Gives its state once it is ready. Only servers of the configuration can be started: no new " +
    "command can be given here. Needs the ability admin.",
  input: v.object({ name: nameSchema }),
  output: upstreamStatusSchema,
  annotations: { destructiveHint: true, idempotentHint: true, openWorldHint: true },
  routing: { ability: "admin" },
  example: { name: "filesystem" },
  run({ name }, { admin }) {
    mustBeMounted(name, admin);
    return admin.startUpstream(name);
  },
});
