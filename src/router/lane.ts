/** One runtime with its breaker and what is counted about it. @module */

import type { Breaker } from "../concurrency/breaker.ts";
import type { Clock } from "../concurrency/clock.ts";
import { UnavailableError } from "../errors.ts";
import type { RuntimeStats } from "../registry/context.ts";
import type { RegisteredTool } from "../registry/registry.ts";
import type { CallResult } from "../registry/result.ts";
import type { Counter, Histogram } from "../telemetry/metrics.ts";
import type { CallContext } from "./call-context.ts";
import type { Runtime } from "./runtime.ts";

/** The counters of one runtime. */
export interface LaneMetrics {
  readonly calls: Counter;
  readonly failures: Counter;
  readonly fallbacks: Counter;
  readonly latency: Histogram;
}

/** Runs calls in one runtime and keeps its books. */
export class Lane {
  readonly #runtime: Runtime;
  readonly #breaker: Breaker;
  readonly #metrics: LaneMetrics;
  readonly #clock: Clock;
  #inFlight = 0;

  constructor(runtime: Runtime, breaker: Breaker, metrics: LaneMetrics, clock: Clock) {
    this.#runtime = runtime;
    this.#breaker = breaker;
    this.#metrics = metrics;
    this.#clock = clock;
  }

  /** Why a call cannot start here now; `undefined` when it can. */
  refusal(target: RegisteredTool): UnavailableError | undefined {
    const { name } = this.#runtime;
    const state = this.#runtime.availability();
    const data = { tool: target.name, runtime: name };
    if (!state.available) {
      return new UnavailableError(
        "runtime_unavailable",
        `"${target.name}" runs on the ${name} runtime, which is not available: ${state.reason}`,
        { data },
      );
    }
    if (this.#breaker.allow()) return undefined;
    return new UnavailableError(
      "circuit_open",
      `"${target.name}" is not sent to the ${name} runtime for a moment: its last calls all failed`,
      { data },
    );
  }

  run(
    target: RegisteredTool,
    input: unknown,
    context: CallContext,
  ): Promise<CallResult> | CallResult {
    const startedAt = this.#clock.monotonic();
    this.#inFlight += 1;
    this.#metrics.calls.add(1);
    try {
      const returned = this.#runtime.run(target, input, context);
      if (returned instanceof Promise) return this.#settle(returned, startedAt);
      this.#finish(startedAt);
      return returned;
    } catch (error) {
      this.#finish(startedAt, error);
      throw error;
    }
  }

  async #settle(running: Promise<CallResult>, startedAt: number): Promise<CallResult> {
    try {
      const result = await running;
      this.#finish(startedAt);
      return result;
    } catch (error) {
      this.#finish(startedAt, error);
      throw error;
    }
  }

  #finish(startedAt: number, error?: unknown): void {
    this.#inFlight -= 1;
    this.#metrics.latency.observe(this.#clock.monotonic() - startedAt);
    if (error !== undefined) this.#metrics.failures.add(1);
    // A tool that fails says nothing about the runtime, nor does one peer about the others: each has
    // a breaker of its own. Here, where the runtime is this process, there is nothing to reach.
    const isLost =
      this.#runtime.name !== "local" &&
      error instanceof UnavailableError &&
      error.code === "runtime_unavailable" &&
      error.data.peer === undefined;
    if (isLost) this.#breaker.failure();
    else this.#breaker.success();
  }

  /** A call that was meant for this runtime ran in another. */
  countFallback(): void {
    this.#metrics.fallbacks.add(1);
  }

  stats(): RuntimeStats {
    const state = this.#runtime.availability();
    const { calls, failures, fallbacks, latency } = this.#metrics;
    return {
      runtime: this.#runtime.name,
      available: state.available,
      ...(!state.available && { reason: state.reason }),
      calls: calls.value,
      failures: failures.value,
      fallbacks: fallbacks.value,
      inFlight: this.#inFlight,
      breaker: this.#breaker.state,
      p50Ms: latency.quantile(0.5),
      p95Ms: latency.quantile(0.95),
    };
  }
}
