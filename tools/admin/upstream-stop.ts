import * as v from "valibot";
import { defineTool, type Tool, upstreamStatusSchema } from "../../src/tool.ts";
import { mustBeMounted, nameSchema } from "./upstream-name.ts";

/** Stop a mounted server. */
export const adminUpstreamStop: Tool = defineTool({
  name: "admin_upstream_stop",
  title: "Stop a mounted server",
  description: "Stop a mounted MCP server until it is started again",
  details: "Calls of its tools then say that it is stopped. Needs the ability admin.",
  input: v.object({ name: nameSchema }),
  output: upstreamStatusSchema,
  annotations: { destructiveHint: true, idempotentHint: true, openWorldHint: false },
  routing: { ability: "admin" },
  example: { name: "filesystem" },
  run({ name }, { admin }) {
    mustBeMounted(name, admin);
    return admin.stopUpstream(name);
  },
});
