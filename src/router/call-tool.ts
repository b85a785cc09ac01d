/**
 * The life of one tools/call, in the order in which it happens. Every call goes through here:
 * from HTTP, stdio, the mesh, a queue worker or a workflow step.
 *
 * @module
 */

import type { Clock } from "../concurrency/clock.ts";
import type { Caller } from "../registry/caller.ts";
import type { Services } from "../registry/context.ts";
import type { RegisteredTool, Registry } from "../registry/registry.ts";
import type { CallResult } from "../registry/result.ts";
import type { ToolCall } from "./call.ts";
import { CallContext } from "./call-context.ts";
import type { Limits } from "./limits.ts";
import type { ResultCache } from "./result-cache.ts";
import type { Router } from "./router.ts";

/** How a call ended, for metrics and the audit log. */
export interface CallOutcome {
  readonly call: ToolCall;
  /** Missing where the tool was not found. */
  readonly target?: RegisteredTool;
  readonly durationMs: number;
  readonly result?: CallResult;
  readonly error?: unknown;
}

/** What the steps below need; `app.ts` supplies them. */
export interface CallSteps {
  readonly registry: Pick<Registry, "loaded" | "resolve">;
  readonly authorize: (caller: Caller, target: RegisteredTool) => void;
  readonly limits: Limits;
  readonly cache: ResultCache;
  readonly router: Pick<Router, "run">;
  readonly services: Services;
  readonly record: (outcome: CallOutcome) => void;
  readonly clock: Pick<Clock, "monotonic">;
}

/** Resolve, validate, authorize, route, run, record. Throws what a step threw. */
export async function callTool(steps: CallSteps, call: ToolCall): Promise<CallResult> {
  const startedAt = steps.clock.monotonic();
  let target: RegisteredTool | undefined;
  try {
    target = resolveNow(steps, call) ?? (await resolveLater(steps, call));
    const input = target.tool.parse(call.input);
    steps.authorize(call.caller, target);
    const result = await run(steps, call, target, input);
    steps.record({ call, target, durationMs: steps.clock.monotonic() - startedAt, result });
    return result;
  } catch (error) {
    const durationMs = steps.clock.monotonic() - startedAt;
    steps.record({ call, ...(target && { target }), durationMs, error });
    throw error;
  }
}

/** The steps that come before a call runs; what fails there is recorded as the call's end. */
export async function checkCall(
  steps: CallSteps,
  call: ToolCall,
): Promise<{ readonly target: RegisteredTool; readonly input: unknown }> {
  const startedAt = steps.clock.monotonic();
  let target: RegisteredTool | undefined;
  try {
    target = resolveNow(steps, call) ?? (await resolveLater(steps, call));
    const input = target.tool.parse(call.input);
    steps.authorize(call.caller, target);
    return { target, input };
  } catch (error) {
    const durationMs = steps.clock.monotonic() - startedAt;
    steps.record({ call, ...(target && { target }), durationMs, error });
    throw error;
  }
}

function resolveNow({ registry }: CallSteps, call: ToolCall): RegisteredTool | undefined {
  return call.category === undefined ? registry.loaded(call.tool, call.caller) : undefined;
}

function resolveLater({ registry }: CallSteps, call: ToolCall): Promise<RegisteredTool> {
  return registry.resolve(call.tool, call.caller, call.category);
}

async function run(
  steps: CallSteps,
  call: ToolCall,
  target: RegisteredTool,
  input: unknown,
): Promise<CallResult> {
  const key = steps.cache.keyOf(target, input);
  const cached = key === undefined ? undefined : steps.cache.get(key);
  if (cached) return cached;

  const context = new CallContext(call, steps.services);
  try {
    const admitted = steps.limits.admit(target, context);
    const end = admitted instanceof Promise ? await admitted : admitted;
    try {
      const result = await steps.router.run(target, input, context);
      const ttlMs = target.tool.routing.cacheTtlMs;
      if (key !== undefined && ttlMs) steps.cache.put(key, result, ttlMs);
      return result;
    } finally {
      end();
    }
  } finally {
    context.end();
  }
}
