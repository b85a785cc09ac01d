/** Runs a handler in this process, under a deadline. @module */

import type { Clock } from "../concurrency/clock.ts";
import { withDeadline } from "../concurrency/deadline.ts";
import { DeadlineError } from "../errors.ts";
import type { Availability } from "../registry/category.ts";
import type { RegisteredTool } from "../registry/registry.ts";
import type { CallResult } from "../registry/result.ts";
import type { CallContext } from "./call-context.ts";
import type { Runtime } from "./runtime.ts";

/** What the local runtime needs. */
export interface LocalRuntimeNeeds {
  readonly clock: Clock;
  /** For tools that name no time of their own. */
  readonly timeoutMs: () => number;
}

const available: Availability = { available: true };

/** The runtime that is always there. */
export function createLocalRuntime({ clock, timeoutMs }: LocalRuntimeNeeds): Runtime {
  const expire = (target: RegisteredTool, context: CallContext, ms: number): DeadlineError => {
    const error = new DeadlineError(
      "deadline_exceeded",
      `"${target.name}" did not finish within ${ms} ms and was told to stop`,
      { data: { tool: target.name, timeoutMs: ms } },
    );
    context.cancel(error);
    return error;
  };
  return {
    name: "local",
    availability: () => available,
    run(target, input, context): Promise<CallResult> | CallResult {
      const returned = target.tool.run(input, context);
      if (!(returned instanceof Promise)) return returned;
      const ms = target.tool.routing.timeoutMs ?? context.call.timeoutMs ?? timeoutMs();
      return withDeadline(returned, { clock, ms, expired: () => expire(target, context, ms) });
    },
  };
}
