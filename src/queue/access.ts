/** Who may see a task: its submitter, and whoever has the ability `admin`. @module */

import { InputError } from "../errors.ts";
import type { Caller } from "../registry/caller.ts";
import type { Task } from "./task.ts";

/** Whether a caller sees the tasks of others. */
export function seesAll({ grant }: Caller): boolean {
  return grant.abilities.has("admin");
}

/** Whether a caller sees this task. */
export function seesTask(caller: Caller, { spec }: Pick<Task, "spec">): boolean {
  return seesAll(caller) || spec.caller.id === caller.id;
}

/** The error of a task that is not there, or is another's: the two are told the same. */
export function unknownTask(id: string, queue: string): InputError {
  return new InputError(
    "not_found",
    `There is no task ${id} in the queue "${queue}" that is yours; finished ones are kept for their resultTtlMs`,
    { data: { taskId: id, queue } },
  );
}
