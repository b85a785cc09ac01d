/** Somewhere a call can run: this process, or a peer. @module */

import type { Availability } from "../registry/category.ts";
import type { RuntimeName } from "../registry/definition.ts";
import type { RegisteredTool } from "../registry/registry.ts";
import type { CallResult } from "../registry/result.ts";
import type { CallContext } from "./call-context.ts";

/** Runs calls; `router.ts` chooses among them. */
export interface Runtime {
  readonly name: RuntimeName;
  availability(): Availability;
  /** May throw `NotStarted` errors (`runtime_unavailable`) only when nothing has run yet. */
  run(
    target: RegisteredTool,
    input: unknown,
    context: CallContext,
  ): Promise<CallResult> | CallResult;
}
