import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { createRecord } from "../../../src/app/record.ts";
import { UnavailableError } from "../../../src/errors.ts";
import { text } from "../../../src/registry/result.ts";
import type { CallOutcome } from "../../../src/router/call-tool.ts";
import type { EndedCall } from "../../../src/telemetry/audit.ts";
import { createMetrics } from "../../../src/telemetry/metrics.ts";
import { callOf, targetOf } from "../../support/calls.ts";

interface Scene {
  readonly record: (outcome: CallOutcome) => void;
  readonly entries: EndedCall[];
  /** Tool, outcome and count of every counter. */
  counts(): (readonly [string | undefined, string | undefined, number])[];
}

function sceneOf(): Scene {
  const metrics = createMetrics();
  const entries: EndedCall[] = [];
  return {
    record: createRecord({ metrics, audit: (entry) => void entries.push(entry) }),
    entries,
    counts: () =>
      metrics
        .snapshot("mcpp_tool_calls_total")
        .map(({ labels, value }) => [labels.tool, labels.outcome, value] as const)
        .filter(([, , value]) => value > 0),
  };
}

const target = targetOf();
const call = callOf();

describe("createRecord()", () => {
  it("counts calls by tool and by how they ended", () => {
    const { record, counts } = sceneOf();
    const ok = { content: [text("fine")] };

    record({ call, target, durationMs: 1, result: ok });
    record({ call, target, durationMs: 1, result: ok });
    record({ call, target, durationMs: 1, result: { ...ok, isError: true } });
    record({ call, target, durationMs: 1, error: new UnavailableError("queue_full", "x") });
    record({ call, target, durationMs: 1, error: new TypeError("bug") });

    assertEquals(counts().toSorted(), [
      ["probe", "ok", 2],
      ["probe", "queue_full", 1],
      ["probe", "tool_error", 1],
      ["probe", "tool_failed", 1],
    ]);
  });

  it("lets no caller invent labels", () => {
    const { record, counts, entries } = sceneOf();

    record({ call: callOf({ tool: "x".repeat(5000) }), durationMs: 1, error: new Error("no") });

    assertEquals(counts(), [["(unknown)", "tool_failed", 1]]);
    assertEquals([entries[0]?.tool.length, entries[0]?.runtime], [128, "none"]);
  });

  it("writes who called what, where, how long, and in which trace", () => {
    const { record, entries } = sceneOf();
    const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
    const traced = callOf({ traceparent: `00-${traceId}-00f067aa0ba902b7-01` });

    record({ call: traced, target, durationMs: 7, result: { content: [] } });
    record({
      call: callOf({ traceparent: "nonsense" }),
      target,
      durationMs: 7,
      result: { content: [] },
    });

    const entry = {
      caller: "local",
      tool: "probe",
      category: "demo",
      outcome: "ok",
      durationMs: 7,
      runtime: "local",
    };
    assertEquals(entries, [{ ...entry, traceId }, entry]);
  });
});
