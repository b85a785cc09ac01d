import * as v from "valibot";
import { defineTool, type Tool, upstreamStatusSchema } from "../../src/tool.ts";

/** Show the mounted servers. */
export const monitoringUpstreams: Tool = defineTool({
  name: "monitoring_upstreams",
  title: "Show mounted servers",
  description: "Show the mounted MCP servers: state, tools, calls, failures and restarts",
  details: "Only servers whose tools the caller may see.",
  input: v.object({}),
  output: v.object({ upstreams: v.array(upstreamStatusSchema) }),
  annotations: { readOnlyHint: true, openWorldHint: false },
  example: {},
  run(_, { monitor, caller: { grant } }) {
    const { categories } = grant;
    const isVisible = (name: string): boolean => categories === "*" || categories.has(name);
    return { upstreams: monitor.upstreams().filter(({ name }) => isVisible(name)) };
  },
});
