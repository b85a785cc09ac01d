/**
 * Decides where a call runs, and whether it may run somewhere else when that fails.
 *
 * Order: the tool's own metadata, `requiresMesh`, patterns of its name, then local. A call runs a
 * second time only where the first runtime provably started nothing, or the tool is idempotent.
 *
 * @module
 */

import type { Breaker } from "../concurrency/breaker.ts";
import type { Clock } from "../concurrency/clock.ts";
import { MeshError } from "../errors.ts";
import type { RuntimeStats } from "../registry/context.ts";
import type { RuntimeName, Tool } from "../registry/definition.ts";
import type { RegisteredTool } from "../registry/registry.ts";
import type { CallResult } from "../registry/result.ts";
import { runtimeOf } from "../registry/runtime-of.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { CallContext } from "./call-context.ts";
import { Lane } from "./lane.ts";
import type { Runtime } from "./runtime.ts";

/** What the router needs. */
export interface RouterNeeds {
  readonly runtimes: readonly Runtime[];
  readonly breakerFor: (runtime: RuntimeName) => Breaker;
  readonly metrics: Metrics;
  readonly clock: Clock;
}

/** Sends each call to a runtime. */
export interface Router {
  run(
    target: RegisteredTool,
    input: unknown,
    context: CallContext,
  ): Promise<CallResult> | CallResult;
  stats(): readonly RuntimeStats[];
}

/** Where else it may: a tool of the mesh has a handler here, unless it needs the mesh itself. */
function fallbackRuntime({ routing }: Tool, preferred: RuntimeName): RuntimeName | undefined {
  return preferred === "mesh" && !routing.requiresMesh ? "local" : undefined;
}

/** Errors that prove that the handler was never started. */
const NOT_STARTED: ReadonlySet<string> = new Set(["runtime_unavailable", "circuit_open"]);

function mayRunElsewhere(error: unknown, tool: Tool): boolean {
  if (!(error instanceof MeshError)) return false;
  if (NOT_STARTED.has(error.code)) return true;
  return error.code === "peer_unreachable" && tool.annotations.idempotentHint === true;
}

function createLanes({
  runtimes,
  breakerFor,
  metrics,
  clock,
}: RouterNeeds): ReadonlyMap<RuntimeName, Lane> {
  const calls = metrics.counter("mcpp_runtime_calls_total", "Calls by runtime", ["runtime"]);
  const failures = metrics.counter("mcpp_runtime_failures_total", "Failed calls by runtime", [
    "runtime",
  ]);
  const fallbacks = metrics.counter(
    "mcpp_runtime_fallbacks_total",
    "Calls that ran elsewhere because this runtime could not start them",
    ["runtime"],
  );
  const latency = metrics.histogram("mcpp_runtime_ms", "Time in the runtime in ms", ["runtime"]);
  const lane = (runtime: Runtime): Lane => {
    const series = {
      calls: calls.with(runtime.name),
      failures: failures.with(runtime.name),
      fallbacks: fallbacks.with(runtime.name),
      latency: latency.with(runtime.name),
    };
    return new Lane(runtime, breakerFor(runtime.name), series, clock);
  };
  return new Map(runtimes.map((runtime) => [runtime.name, lane(runtime)]));
}

/** A router over these runtimes; one of them must be `local`. */
export function createRouter(needs: RouterNeeds): Router {
  const lanes = createLanes(needs);
  const laneOf = (name: RuntimeName): Lane => {
    const lane = lanes.get(name);
    if (!lane) throw new RangeError(`the router was made without a runtime "${name}"`);
    return lane;
  };

  /** The same call in the other runtime, if the rules allow it; else the error that brought us here. */
  const runElsewhere = (
    error: unknown,
    from: RuntimeName,
    ...call: [target: RegisteredTool, input: unknown, context: CallContext]
  ): Promise<CallResult> | CallResult => {
    const [target] = call;
    const other = fallbackRuntime(target.tool, from);
    if (!other || !mayRunElsewhere(error, target.tool)) throw error;
    const lane = laneOf(other);
    if (lane.refusal(target)) throw error;
    laneOf(from).countFallback();
    return lane.run(...call);
  };

  return {
    run(target, input, context) {
      const preferred = runtimeOf(target.tool);
      const lane = laneOf(preferred);
      const refusal = lane.refusal(target);
      if (refusal) return runElsewhere(refusal, preferred, target, input, context);
      const returned = lane.run(target, input, context);
      // The local runtime has nowhere else to go: whatever it says is the answer.
      if (preferred === "local" || !(returned instanceof Promise)) return returned;
      return returned.catch((error: unknown) =>
        runElsewhere(error, preferred, target, input, context),
      );
    },
    stats: () => [...lanes.values()].map((lane) => lane.stats()),
  };
}
