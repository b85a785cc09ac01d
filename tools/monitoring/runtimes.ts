import * as v from "valibot";
import { defineTool, type Tool } from "../../src/tool.ts";

/** Show where calls run, and how that goes. */
export const monitoringRuntimes: Tool = defineTool({
  name: "monitoring_runtimes",
  title: "Show runtimes",
  description: "Show where calls run, and how many succeeded, failed or went elsewhere",
  input: v.object({}),
  output: v.object({
    runtimes: v.array(
      v.object({
        runtime: v.string(),
        available: v.boolean(),
        reason: v.exactOptional(
          v.pipe(v.string(), v.description("Why it is not available, and what to do")),
        ),
        calls: v.number(),
        failures: v.number(),
        fallbacks: v.pipe(v.number(), v.description("Calls that were sent elsewhere instead")),
        inFlight: v.number(),
        breaker: v.picklist(["closed", "open", "half-open"]),
        p50Ms: v.number(),
        p95Ms: v.number(),
      }),
    ),
  }),
  annotations: { readOnlyHint: true, openWorldHint: false },
  example: {},
  run: (_, { monitor }) => ({ runtimes: [...monitor.runtimes()] }),
});
