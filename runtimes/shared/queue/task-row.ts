/** A task as a row: searchable columns, and the rest as JSON. @module */

import { isClaimable, laneOf } from "../../../src/queue/order.ts";
import { isFinal, type Task, type TaskSpec } from "../../../src/queue/task.ts";

/** Columns that change with the task. */
export interface RunColumns {
  readonly state: string;
  readonly urgency: number;
  readonly tag: number;
  readonly line: string | null;
  readonly runAt: number | null;
  readonly expiresAt: number | null;
}

/** What a changing task is searched by. */
export function columnsOf(task: Task): RunColumns {
  return {
    state: task.state,
    urgency: urgencyOf(task),
    tag: task.tag,
    line: lineOf(task) ?? null,
    runAt: task.state === "scheduled" ? task.runAt : null,
    expiresAt: isFinal(task) ? (task.finishedAt ?? 0) + task.spec.resultTtlMs : null,
  };
}

/** Smaller for what is claimed earlier, as the tag and the number are: one direction for all. */
export const urgencyOf = ({ priority }: Pick<Task, "priority">): number => -priority;

/** Where a task waits: with those of its lane, or with those that its group holds back. */
export function lineOf(task: Task): string | undefined {
  if (isClaimable(task)) return laneOf(task.spec);
  return task.isHeld ? heldLine(task.spec.groupKey ?? "") : undefined;
}

/** Lanes begin with a bracket, so that no group can be taken for one. */
export const heldLine = (group: string): string => `held ${group}`;

/** The changing part of a task. */
export function runJson(task: Task): string {
  return JSON.stringify({ ...task, spec: undefined });
}

/** A task of its two JSON columns. */
export function taskOf(spec: string, run: string): Task {
  return { spec: JSON.parse(spec) as TaskSpec, ...(JSON.parse(run) as Omit<Task, "spec">) };
}
