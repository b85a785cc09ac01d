/** The run that a caller asks for. @module */

import { InputError } from "../errors.ts";
import { seesTask } from "../queue/access.ts";
import type { Queue } from "../queue/queue.ts";
import type { Task } from "../queue/task.ts";
import type { Caller } from "../registry/caller.ts";
import { RUN_KIND } from "./run-state.ts";

/** Its task; throws `not_found` where there is none, or it is another's: the two are told the same. */
export async function findRun(queue: Queue, caller: Caller, id: string): Promise<Task> {
  const task = await queue.task(id);
  if (task?.spec.kind === RUN_KIND && seesTask(caller, task)) return task;
  throw new InputError(
    "not_found",
    `There is no workflow ${id} in the queue "${queue.name}" that is yours; finished ones are kept for their resultTtlMs`,
    { data: { workflowId: id, queue: queue.name } },
  );
}
