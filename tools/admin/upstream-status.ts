import * as v from "valibot";
import { defineTool, type Tool, upstreamStatusSchema } from "../../src/tool.ts";
import { mustBeMounted, nameSchema } from "./upstream-name.ts";

/** Show one mounted server, or all. */
export const adminUpstreamStatus: Tool = defineTool({
  name: "admin_upstream_status",
  title: "Show a mounted server's state",
  description: "Show the state of one mounted MCP server, or of all of them",
  details: "Without a name, all of them. Needs the ability admin.",
  input: v.object({ name: v.optional(nameSchema) }),
  output: v.object({ upstreams: v.array(upstreamStatusSchema) }),
  annotations: { readOnlyHint: true, openWorldHint: false },
  routing: { ability: "admin" },
  example: { name: "filesystem" },
  run({ name }, { admin }) {
    if (name === undefined) return { upstreams: [...admin.upstreams()] };
    mustBeMounted(name, admin);
    return { upstreams: admin.upstreams().filter((upstream) => upstream.name === name) };
  },
});
