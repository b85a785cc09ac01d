import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import type { Caller } from "../../../../src/registry/caller.ts";
import type { Monitor, RuntimeStats, UpstreamStatus } from "../../../../src/registry/context.ts";
import { createHealth } from "../../../../src/telemetry/health.ts";
import { createMetrics, type Metrics } from "../../../../src/telemetry/metrics.ts";
import { tools } from "../../../../tools/monitoring/mod.ts";
import { createFakeClock } from "../../../support/fake-clock.ts";
import type { Cleanup } from "../../../support/temp-folder.ts";
import { createToolScene } from "../../../support/tool-context.ts";

const runtime: RuntimeStats = {
  runtime: "mesh",
  available: false,
  reason: "features.mesh is off",
  calls: 3,
  failures: 1,
  fallbacks: 2,
  inFlight: 0,
  breaker: "half-open",
  p50Ms: 1.5,
  p95Ms: 20,
};
const upstream = (name: string): UpstreamStatus => ({
  name,
  transport: "stdio",
  state: "backoff",
  tools: 4,
  restarts: 2,
  calls: 10,
  failures: 1,
  error: "exited with 1",
  since: "2026-01-01T00:00:00.000Z",
});

async function setUp(t: Cleanup, caller?: Caller) {
  const health = createHealth(createFakeClock());
  const metrics: Metrics = createMetrics();
  const monitor: Monitor = {
    health: async () => ({
      uptimeMs: 5,
      version: "1.2.3",
      host: "node",
      memory: { rssBytes: 1000, heapBytes: 500 },
      ...(await health.report()),
    }),
    metrics: (prefix) => metrics.snapshot(prefix),
    runtimes: () => [runtime],
    upstreams: () => [upstream("github"), upstream("files")],
  };
  const scene = await createToolScene(t, { monitor, ...(caller && { caller }) });
  const call = async (name: string, input: Record<string, unknown> = {}): Promise<unknown> => {
    const tool = tools.find((one) => one.name === name);
    if (!tool) throw new Error(`There is no ${name}`);
    return scene.run(tool, input);
  };
  return { health, metrics, call };
}

const githubOnly: Caller = {
  id: "key:ci",
  grant: { categories: new Set(["monitoring", "github"]), access: "read", abilities: new Set() },
};

describe("the monitoring tools", () => {
  it("tell of health with every check", async (t) => {
    const { health, call } = await setUp(t);
    health.add("store", () => "12 keys");
    health.add("disk", () => {
      throw new Error("full");
    });

    assertEquals(await call("monitoring_health"), {
      healthy: false,
      uptimeMs: 5,
      version: "1.2.3",
      host: "node",
      memory: { rssBytes: 1000, heapBytes: 500 },
      checks: [
        { name: "store", healthy: true, detail: "12 keys" },
        { name: "disk", healthy: false, detail: "full" },
      ],
    });
  });

  it("read metrics by prefix, up to a limit, and say how many there are", async (t) => {
    const { metrics, call } = await setUp(t);
    const calls = metrics.counter("mcpp_calls_total", "Calls", ["tool"]);
    for (const name of ["a", "b", "c"]) calls.with(name).add(2);
    metrics.histogram("other_ms", "Time").with().observe(4);

    assertEquals(await call("monitoring_metrics", { prefix: "mcpp_", limit: 1 }), {
      metrics: [
        {
          name: "mcpp_calls_total",
          type: "counter",
          help: "Calls",
          labels: { tool: "a" },
          value: 2,
        },
      ],
      total: 3,
    });
    assertEquals(await call("monitoring_metrics", { prefix: "other" }), {
      metrics: [
        {
          name: "other_ms",
          type: "histogram",
          help: "Time",
          labels: {},
          value: 4,
          count: 1,
          p50: 4,
          p95: 4,
          p99: 4,
        },
      ],
      total: 1,
    });
  });

  it("show runtimes and mounted servers as they are", async (t) => {
    const { call } = await setUp(t);

    assertEquals(await call("monitoring_runtimes"), { runtimes: [runtime] });
    assertEquals(await call("monitoring_upstreams"), {
      upstreams: [upstream("github"), upstream("files")],
    });
  });

  it("tell a caller of some categories nothing of the others", async (t) => {
    const { metrics, call } = await setUp(t, githubOnly);
    metrics.counter("by_tool_total", "", ["tool"]).with("files_read").add(1);
    metrics.counter("by_upstream_total", "", ["upstream"]).with("files").add(1);
    metrics.counter("by_upstream_total", "", ["upstream"]).with("github").add(1);
    metrics.counter("plain_total", "", ["runtime"]).with("local").add(1);

    const { metrics: shown } = (await call("monitoring_metrics")) as {
      metrics: { labels: Record<string, string> }[];
    };
    assertEquals(
      shown.map(({ labels }) => labels),
      [{ upstream: "github" }, { runtime: "local" }],
    );
    assertEquals(await call("monitoring_upstreams"), { upstreams: [upstream("github")] });
  });

  it("are reads, and their examples fit their schemas", () => {
    for (const tool of tools) {
      assertEquals([tool.name, tool.access], [tool.name, "read"]);
      tool.parse(tool.example);
    }
  });
});
