/** Tasks as values, for tests of what is done with them. @module */

import type { Task, TaskSpec } from "../../src/queue/task.ts";
import { newTask } from "./queues.ts";

/** A task that was never claimed; what a test cares for, it gives. */
export function aTask({
  spec = {},
  ...some
}: Partial<Omit<Task, "spec">> & { readonly spec?: Partial<TaskSpec> }): Task {
  return {
    ...newTask(spec),
    ...{ state: "scheduled", seq: 1, attempts: 0, stalls: 0, token: { epoch: 0, attempt: 0 } },
    ...{ log: [], events: [], updatedAt: 0, tag: 0, isHeld: false },
    ...some,
  };
}
