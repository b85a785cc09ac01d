/** What the tools of the task queue take, and where a call of one is answered. @module */

import * as v from "valibot";
import type { CallResult, TaskScope, Tasks, ToolContext } from "../../src/tool.ts";

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

/** A whole number within bounds. */
export function whole(min: number, max: number, description: string): v.GenericSchema<number> {
  return v.pipe(
    v.number(),
    v.integer(),
    v.minValue(min),
    v.maxValue(max),
    v.description(description),
  );
}

/** A text that is not empty. */
export function words(max: number, description: string): v.GenericSchema<string> {
  return v.pipe(v.string(), v.minLength(1), v.maxLength(max), v.description(description));
}

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

/** Names and values for lists; `=` would end a name there. */
export const labelsSchema: v.GenericSchema<Record<string, string>> = v.pipe(
  v.record(
    v.pipe(v.string(), v.minLength(1), v.maxLength(64), v.regex(/^[^=]+$/)),
    v.pipe(v.string(), v.maxLength(256)),
  ),
  v.maxEntries(32),
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

/** See {@link placeEntries}. */
export interface PlaceEntries {
  readonly peer: v.OptionalSchema<v.GenericSchema<string>, undefined>;
  readonly queue: v.OptionalSchema<v.GenericSchema<string>, "default">;
}

/** Taken by every tool of the category. */
export const placeEntries: PlaceEntries = {
  peer: v.optional(words(1024, "Ask that peer's queue: its id or a multiaddr")),
  queue: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^[a-z0-9][a-z0-9._-]{0,63}$/),
      v.description("Name of the queue: up to 64 of a-z, 0-9, . _ -"),
    ),
    "default",
  ),
};

/** What every input of the category holds. */
export interface Placed {
  readonly peer?: string | undefined;
  readonly queue: string;
}

type Surroundings = Pick<ToolContext, "tasks" | "caller" | "signal">;

/** The same call at the peer that it names; `undefined` where it names none. */
export function atPeer(
  tool: string,
  { peer, ...call }: Placed,
  context: Surroundings,
): Promise<CallResult> | undefined {
  return peer === undefined ? undefined : context.tasks.forward(peer, tool, call, context);
}

/** Answer here, or where the call names a peer or the queues of this server are elsewhere, there. */
export async function answer<Input extends Placed, T>(
  tool: string,
  input: Input,
  context: Surroundings,
  here: (tasks: Tasks, scope: TaskScope, rest: Omit<Input, "peer" | "queue">) => Promise<T>,
): Promise<T | CallResult> {
  const forwarded = atPeer(tool, input, context);
  if (forwarded) return forwarded;
  const { tasks, caller } = context;
  const { peer: _, queue, ...rest } = input;
  const elsewhere = await tasks.elsewhere();
  if (elsewhere) return elsewhere(tool, { queue, ...rest }, context);
  return here(tasks, { caller, queue }, rest);
}
