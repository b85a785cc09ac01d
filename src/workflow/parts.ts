/** What a run is made of. @module */

import type { Task } from "../queue/task.ts";
import type { Plan } from "./plan.ts";
import { RUN_KIND, runStateOf } from "./run-state.ts";
import { taskIdOf } from "./values.ts";

/** Finds tasks by their ids. */
export type FindTask = (id: string) => Task | undefined;

/** The run that a task is of, or is: that of the outermost workflow. Ids follow from places. */
export function rootOf(taskId: string): string {
  const end = taskId.indexOf(".");
  return end < 0 ? taskId : taskId.slice(0, end);
}

/** Every task of a run: itself first, each before those that it began; runs within included. */
export function* tasksOf(
  run: Task,
  find: FindTask,
  planOf: (definition: string) => Plan | undefined,
): Generator<Task, void> {
  yield run;
  const plan = planOf(runStateOf(run).definition);
  for (const node of plan?.nodes.keys() ?? []) {
    const task = find(taskIdOf({ run: run.spec.id, node, role: "node" }));
    if (!task) continue;
    if (task.spec.kind === RUN_KIND) yield* tasksOf(task, find, planOf);
    else {
      yield task;
      yield* itemsOf(task, find);
    }
    const undo = find(taskIdOf({ run: run.spec.id, node, role: "undo" }));
    if (undo) yield undo;
  }
}

/** Items of a map, rounds of a loop. */
export function* itemsOf(node: Task, find: FindTask): Generator<Task, void> {
  const { id, kind } = node.spec;
  if (kind !== "workflow.map" && kind !== "workflow.loop") return;
  for (let index = 0; ; index += 1) {
    const item = find(`${id}.${index}`);
    if (!item) return;
    yield item;
  }
}
