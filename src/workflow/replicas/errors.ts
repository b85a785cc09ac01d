/** What those who ask about a run of several servers are told. @module */

import { ConflictError, InputError } from "../../errors.ts";
import type { Promised } from "./replica-book.ts";

/** Nothing is known of the run. */
export function unknownRun(run: string): InputError {
  const message = `Nothing is known here of workflow ${run}: ask a server that takes part in it`;
  return new InputError("not_found", message, { data: { workflowId: run } });
}

/** Somebody else is first. */
export function otherFirst(run: string, { epoch, to }: Promised): ConflictError {
  const message = `Workflow ${run} was promised to ${to} (epoch ${epoch}): ask that one, or try again`;
  return new ConflictError("version_conflict", message, { data: { workflowId: run, epoch, to } });
}

/** There is nothing to coordinate any more. */
export function isOver(run: string, state: string): InputError {
  const message = `Workflow ${run} is ${state}: there is nothing left to coordinate`;
  return new InputError("invalid_input", message, { data: { workflowId: run, state } });
}
