import * as v from "valibot";
import { defineTool, type Tool } from "../../src/tool.ts";

/** Check the server's own health. */
export const monitoringHealth: Tool = defineTool({
  name: "monitoring_health",
  title: "Check health",
  description: "Check whether the server and all that it depends on are healthy",
  details: "Every check runs now, within its own time limit; detail says what a check found.",
  input: v.object({}),
  output: v.object({
    healthy: v.boolean(),
    uptimeMs: v.number(),
    version: v.string(),
    host: v.pipe(v.string(), v.description("Where it runs: node, bun, deno or edge")),
    checks: v.array(v.object({ name: v.string(), healthy: v.boolean(), detail: v.string() })),
    memory: v.exactOptional(v.object({ rssBytes: v.number(), heapBytes: v.number() })),
  }),
  annotations: { readOnlyHint: true, openWorldHint: false },
  example: {},
  async run(_, { monitor }) {
    const { checks, ...health } = await monitor.health();
    return { ...health, checks: [...checks] };
  },
});
