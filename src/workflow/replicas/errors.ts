/** What those who ask about a run of several servers are told. @module */

import { AuthError, ConflictError, InputError } from "../../errors.ts";
import type { Caller } from "../../registry/caller.ts";
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

/** The peer that asks. */
export function peerOf({ id }: Caller): string {
  return id.startsWith("peer:") ? id.slice("peer:".length) : id;
}

/** Throws unless the caller is one of these peers. */
export function checkCaller(caller: Caller, members: readonly string[]): void {
  if (members.includes(peerOf(caller))) return;
  const message = `${caller.id} does not take part in this workflow`;
  throw new AuthError("capability_missing", message, { data: { members } });
}

/** This server is none of those that take part. */
export function notMember(run: string, self: string): InputError {
  return new InputError("invalid_input", `${self} does not take part in workflow ${run}`);
}

/** The other server is none of them. */
export function noMember(run: string, to: string, others: readonly string[]): InputError {
  const who =
    others.length === 0 ? "nobody else takes part in it" : `those are ${others.join(", ")}`;
  const message = `Workflow ${run} can be handed over to those who take part in it, and ${to} does not: ${who}; they are named by peers when it is submitted`;
  return new InputError("invalid_input", message, { data: { workflowId: run, members: others } });
}
