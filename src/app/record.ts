/** What is kept of every call that ended: metrics per tool, and an entry in the audit log. @module */

import { MeshError } from "../errors.ts";
import type { RegisteredTool } from "../registry/registry.ts";
import { runtimeOf } from "../registry/runtime-of.ts";
import type { CallOutcome } from "../router/call-tool.ts";
import type { EndedCall } from "../telemetry/audit.ts";
import type { Counter, Histogram, Metrics } from "../telemetry/metrics.ts";

/** What recording needs. */
export interface RecordNeeds {
  readonly metrics: Metrics;
  readonly audit: (call: EndedCall, input: unknown) => void;
}

interface Series {
  readonly ok: Counter;
  readonly latency: Histogram;
}

/** `ok`, `tool_error`, or the code of the error. */
function outcomeOf({ error, result }: CallOutcome): string {
  if (error === undefined) return result?.isError ? "tool_error" : "ok";
  return error instanceof MeshError ? error.code : "tool_failed";
}

const TRACE_ID = /^[0-9a-f]{2}-([0-9a-f]{32})-/;

/** A function to call once for every call that ended. */
export function createRecord({ metrics, audit }: RecordNeeds): (outcome: CallOutcome) => void {
  const calls = metrics.counter("mcpp_tool_calls_total", "Calls by tool and outcome", [
    "tool",
    "outcome",
  ]);
  const latency = metrics.histogram("mcpp_tool_ms", "Time of a call in ms, by tool", ["tool"]);
  // Looked up by the tool's own object: the common case allocates nothing and hashes no strings.
  const series = new WeakMap<RegisteredTool, Series>();
  const seriesOf = (target: RegisteredTool): Series => {
    const known = series.get(target);
    if (known) return known;
    const made = { ok: calls.with(target.name, "ok"), latency: latency.with(target.name) };
    series.set(target, made);
    return made;
  };
  return (ended) => {
    const { call, target, durationMs } = ended;
    const outcome = outcomeOf(ended);
    if (target) {
      const { ok, latency: times } = seriesOf(target);
      times.observe(durationMs);
      if (outcome === "ok") ok.add(1);
      else calls.with(target.name, outcome).add(1);
    } else {
      // The name is the caller's invention; it must not become a label.
      calls.with("(unknown)", outcome).add(1);
    }
    const traceId = call.traceparent && TRACE_ID.exec(call.traceparent)?.[1];
    audit(
      {
        caller: call.caller.id,
        tool: target?.name ?? call.tool.slice(0, 128),
        ...(target && { category: target.category }),
        outcome,
        durationMs,
        runtime: target ? runtimeOf(target.tool) : "none",
        ...(traceId && { traceId }),
      },
      call.input,
    );
  };
}
