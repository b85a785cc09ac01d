import { describe, it } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { InputError } from "../../../src/errors.ts";
import { createMetrics, MAX_SERIES, OVERFLOW_LABEL } from "../../../src/telemetry/metrics.ts";

describe("createMetrics()", () => {
  it("gives the same series for the same label values", () => {
    const calls = createMetrics().counter("calls_total", "Calls", ["tool", "outcome"]);

    const series = calls.with("add", "ok");
    assert(calls.with("add", "ok") === series);
    assert(calls.with("ok", "add") !== series);
  });

  it("keeps apart label values that would be one when joined", () => {
    const calls = createMetrics().counter("calls_total", "Calls", ["a", "b"]);

    assert(calls.with("x,y", "z") !== calls.with("x", "y,z"));
    assert(calls.with('x","y', "z") !== calls.with("x", 'y","z'));
  });

  it("shows counters, gauges and histograms by name, each series with its labels", () => {
    const metrics = createMetrics();
    metrics.gauge("open", "Open connections").with().set(3);
    const calls = metrics.counter("calls_total", "Calls", ["tool"]);
    calls.with("add").add(1);
    calls.with("add").add(2);
    calls.with("sub").add(5);
    metrics.histogram("ms", "Durations").with().observe(4);

    const shown = metrics.snapshot();

    assertEquals(
      shown.map(({ name, type, labels, value, count }) => ({ name, type, labels, value, count })),
      [
        {
          name: "calls_total",
          type: "counter",
          labels: { tool: "add" },
          value: 3,
          count: undefined,
        },
        {
          name: "calls_total",
          type: "counter",
          labels: { tool: "sub" },
          value: 5,
          count: undefined,
        },
        { name: "ms", type: "histogram", labels: {}, value: 4, count: 1 },
        { name: "open", type: "gauge", labels: {}, value: 3, count: undefined },
      ],
    );
    assertEquals(
      metrics.snapshot("calls").map(({ name }) => name),
      ["calls_total", "calls_total"],
    );
  });

  it("asks a watched gauge for its value when a snapshot is taken", () => {
    const metrics = createMetrics();
    let tools = 1;
    metrics.watch("tools", "Registered tools", () => tools);

    tools = 61;

    assertEquals(metrics.snapshot("tools")[0]?.value, 61);
  });

  it("folds label values past the bound into one series", () => {
    const calls = createMetrics();
    const family = calls.counter("calls_total", "Calls", ["tool"]);

    for (let at = 0; at < MAX_SERIES + 50; at += 1) family.with(`tool-${at}`).add(1);

    const shown = calls.snapshot();
    assertEquals(shown.length, MAX_SERIES + 1);
    assertEquals(shown.at(-1)?.labels, { tool: OVERFLOW_LABEL });
    assertEquals(shown.at(-1)?.value, 50);
    family.with("tool-0").add(1);
    assertEquals(calls.snapshot()[0]?.value, 2);
  });

  it("refuses the wrong number of label values, bad names, and a second kind for a name", () => {
    const metrics = createMetrics();
    const calls = metrics.counter("calls_total", "Calls", ["tool"]);

    assertThrows(() => calls.with(), InputError, "1 labels (tool), got 0");
    assertThrows(() => metrics.counter("calls-total", ""), InputError, '"calls-total"');
    assertThrows(() => metrics.counter("x", "", ["le"]), InputError, '"le"');
    assertThrows(() => metrics.counter("x", "", ["__x"]), InputError, '"__x"');
    assertThrows(() => metrics.gauge("calls_total", "", ["tool"]), InputError, "is a counter");
    assertThrows(() => metrics.counter("calls_total", "", ["name"]), InputError, "[tool]");
  });
});
