import * as v from "valibot";
import { type Caller, defineTool, type Tool, whole } from "../../src/tool.ts";

/** Labels whose values tell of tools, servers or people. */
const TELLING = ["tool", "category", "upstream", "caller"];

/** Who may not see every category does not learn here what there is in the others. */
function mayTell({ grant }: Caller, labels: Readonly<Record<string, string>>): boolean {
  if (grant.categories === "*") return true;
  const home = labels.category ?? labels.upstream;
  if (home !== undefined) return grant.categories.has(home);
  return !TELLING.some((name) => name in labels);
}

/** Read the server's metrics. */
export const monitoringMetrics: Tool = defineTool({
  name: "monitoring_metrics",
  title: "Read metrics",
  description: "Read the server's counters, gauges and histograms",
  details:
    "value is the number itself, of a histogram the sum of all observations; p50, p95 and p99 are " +
    "estimates in the metric's unit. GET /metrics has the same for Prometheus, with buckets.",
  input: v.object({
    prefix: v.pipe(
      v.optional(v.pipe(v.string(), v.maxLength(200)), ""),
      v.description("Only metrics whose name begins with this"),
    ),
    limit: v.optional(whole(1, 1000, "How many at the most"), 100),
  }),
  output: v.object({
    metrics: v.array(
      v.object({
        name: v.string(),
        type: v.picklist(["counter", "gauge", "histogram"]),
        help: v.string(),
        labels: v.record(v.string(), v.string()),
        value: v.number(),
        count: v.exactOptional(v.number()),
        p50: v.exactOptional(v.number()),
        p95: v.exactOptional(v.number()),
        p99: v.exactOptional(v.number()),
      }),
    ),
    total: v.pipe(v.number(), v.description("How many there are; above limit, narrow the prefix")),
  }),
  annotations: { readOnlyHint: true, openWorldHint: false },
  example: { prefix: "mcpp_runtime", limit: 20 },
  run({ prefix, limit }, { monitor, caller }) {
    const visible = monitor.metrics(prefix).filter(({ labels }) => mayTell(caller, labels));
    const metrics = visible.slice(0, limit).map(({ buckets: _, ...metric }) => metric);
    return { metrics, total: visible.length };
  },
});
