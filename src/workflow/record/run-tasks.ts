/** Everything that a run is made of. @module */

import type { Task } from "../../queue/task.ts";
import type { WorkingSet } from "../../queue/working-set.ts";
import type { Plans } from "../plans.ts";
import { RUN_KIND, runStateOf } from "../run-state.ts";
import { taskIdOf } from "../values.ts";

/** The tasks of a run that have begun: its own, those of its nodes with their items, rounds and undoing, and of runs within. */
export function tasksOf(set: Pick<WorkingSet, "task">, plans: Plans, run: Task): readonly Task[] {
  const found: Task[] = [run];
  const plan = plans.get(runStateOf(run).definition);
  for (const node of plan?.nodes.keys() ?? []) {
    const place = { run: run.spec.id, node } as const;
    const task = set.task(taskIdOf({ ...place, role: "node" }));
    if (!task) continue;
    if (task.spec.kind === RUN_KIND) found.push(...tasksOf(set, plans, task));
    else found.push(task);
    for (let index = 0; ; index += 1) {
      const item = set.task(taskIdOf({ ...place, role: "item", index }));
      if (!item) break;
      found.push(item);
    }
    const undo = set.task(taskIdOf({ ...place, role: "undo" }));
    if (undo) found.push(undo);
  }
  return found;
}
