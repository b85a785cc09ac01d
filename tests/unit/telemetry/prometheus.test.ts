import { describe, it } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { createMetrics } from "../../../src/telemetry/metrics.ts";
import { formatPrometheus } from "../../../src/telemetry/prometheus.ts";
import { parsePrometheus } from "../../support/prometheus-parser.ts";

describe("formatPrometheus()", () => {
  it("writes the lines that the format prescribes", () => {
    const metrics = createMetrics();
    metrics.counter("calls_total", "Calls", ["tool", "outcome"]).with("add", "ok").add(2);
    metrics.gauge("load", "Load").with().set(0.5);

    assertEquals(
      formatPrometheus(metrics.snapshot()),
      [
        "# HELP calls_total Calls",
        "# TYPE calls_total counter",
        'calls_total{tool="add",outcome="ok"} 2',
        "# HELP load Load",
        "# TYPE load gauge",
        "load 0.5",
        "",
      ].join("\n"),
    );
  });

  it("groups the series of one metric, wherever they stand in the snapshot", () => {
    const metrics = createMetrics();
    metrics.counter("a_total", "A", ["x"]).with("1").add(1);
    metrics.counter("b_total", "B").with().add(1);
    const [a, b] = metrics.snapshot();
    if (!a || !b) throw new Error("two series expected");

    const parsed = parsePrometheus(formatPrometheus([a, b, { ...a, labels: { x: "2" } }]));

    assertEquals(parsed.get("a_total")?.samples.length, 2);
  });

  it("keeps any label value and help text, and any number", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }),
        fc.string({ unit: fc.constantFrom("\\", "\n", '"', "n", "{", "}", ",", "=") }),
        fc.double(),
        (help, label, value) => {
          const metrics = createMetrics();
          metrics.gauge("g", help, ["label"]).with(label).set(value);
          fc.pre(!help.includes("\r"));

          const family = parsePrometheus(formatPrometheus(metrics.snapshot())).get("g");

          assertEquals(family?.help, help);
          assertEquals(family?.samples[0]?.labels, { label });
          assertEquals(family?.samples[0]?.value, value === 0 ? 0 : value);
        },
      ),
    );
  });

  it("writes histograms with cumulative buckets, +Inf, sum and count", () => {
    const metrics = createMetrics();
    const latency = metrics.histogram("ms", "Durations in ms", ["tool"]);
    for (const value of [0.1, 5, 5, 1e9]) latency.with("add").observe(value);
    latency.with("idle");

    const family = parsePrometheus(formatPrometheus(metrics.snapshot())).get("ms");

    const sample = (name: string, tool: string, le?: string): number | undefined =>
      family?.samples.find(
        (one) => one.name === name && one.labels.tool === tool && one.labels.le === le,
      )?.value;
    assertEquals(sample("ms_bucket", "add", "8"), 3);
    assertEquals(sample("ms_bucket", "add", "+Inf"), 4);
    assertEquals(sample("ms_sum", "add"), 1e9 + 10.1);
    assertEquals(sample("ms_count", "add"), 4);
    assertEquals(sample("ms_count", "idle"), 0);
  });
});

describe("the parser that checks it", () => {
  it("refuses texts that break the format", () => {
    for (const wrong of [
      "# TYPE a counter\na 1",
      "a 1\n",
      "# TYPE a counter\na{x=1} 1\n",
      '# TYPE a counter\na{x="1"} 1\na{x="1"} 2\n',
      "# TYPE a counter\na one\n",
      "# TYPE a counter\na 1\n# TYPE b counter\nb 1\n# HELP a A\n",
      '# TYPE h histogram\nh_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n',
    ]) {
      assertThrows(() => parsePrometheus(wrong));
    }
  });
});
