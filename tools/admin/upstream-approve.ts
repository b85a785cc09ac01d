import * as v from "valibot";
import { defineTool, type Tool, upstreamStatusSchema } from "../../src/tool.ts";
import { mustBeMounted, nameSchema } from "./upstream-name.ts";

/** Trust what a mounted server offers now, after a look at what changed. */
export const adminUpstreamApprove: Tool = defineTool({
  name: "admin_upstream_approve",
  title: "Approve a mounted server's tools",
  description: "Trust the tool definitions that a mounted MCP server offers now",
  details:
    "Definitions are pinned by hash when first seen; where upstream.pins is enforce, changed and new " +
    "tools are refused until they are approved. Needs the ability admin.",
  input: v.object({
    name: nameSchema,
    tool: v.optional(v.pipe(v.string(), v.description("Only this tool; left out, all of them"))),
  }),
  output: upstreamStatusSchema,
  annotations: { destructiveHint: true, idempotentHint: true, openWorldHint: false },
  routing: { ability: "admin" },
  example: { name: "filesystem" },
  run({ name, tool }, { admin }) {
    mustBeMounted(name, admin);
    return admin.approveUpstream(name, tool);
  },
});
