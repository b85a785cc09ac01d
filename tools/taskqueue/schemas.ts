/** What the tools of the task queue take, and where a call of one is answered. @module */

import * as v from "valibot";
import {
  answerPlaced,
  type CallResult,
  type Placed,
  type TaskScope,
  type Tasks,
  type ToolContext,
  words,
} from "../../src/tool.ts";

export { atPeer, labelsSchema, placeEntries, whole, words } from "../../src/tool.ts";

/** Where a task is in its life. */
export const STATES = [
  "scheduled",
  "ready",
  "leased",
  "done",
  "failed",
  "cancelled",
  "dead",
] as const;

/** A moment, such as `2026-12-24T18:00:00Z`. */
export function moment(description: string): v.GenericSchema<string> {
  return v.pipe(v.string(), v.isoTimestamp(), v.description(description));
}

/** A task's id. */
export const taskIdSchema: v.GenericSchema<string> = words(
  128,
  "Id of the task, as p2p_taskqueue_submit gave it",
);

/** The right to an attempt. */
export const tokenSchema: v.GenericSchema<string> = v.pipe(
  v.string(),
  v.regex(/^\d{1,15}\.\d{1,15}$/),
  v.description("Token of the lease, as epoch.attempt, e.g. 3.1"),
);

/** What a worker can do, and a task may need. */
export const abilitiesSchema: v.GenericSchema<string[]> = v.pipe(
  v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(128))),
  v.maxLength(32),
);

/** How far a task has come. */
export const progressSchema: v.GenericSchema<Progress> = v.object({
  done: v.pipe(v.number(), v.minValue(0), v.description("In any unit")),
  total: v.exactOptional(
    v.pipe(v.number(), v.minValue(0), v.description("Where the end is known")),
  ),
  message: v.exactOptional(v.pipe(v.string(), v.maxLength(500))),
});

/** See {@link progressSchema}. */
export interface Progress {
  readonly done: number;
  readonly total?: number;
  readonly message?: string;
}

/** Answer here, or where the call names a peer or the queues of this server are elsewhere, there. */
export function answer<Input extends Placed, T>(
  tool: string,
  input: Input,
  context: Pick<ToolContext, "tasks" | "caller" | "signal">,
  here: (tasks: Tasks, scope: TaskScope, rest: Omit<Input, "peer" | "queue">) => Promise<T>,
): Promise<T | CallResult> {
  return answerPlaced(tool, input, context, (scope, rest) => here(context.tasks, scope, rest));
}
