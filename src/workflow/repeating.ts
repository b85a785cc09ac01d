/** Items of a map and rounds of a loop: what follows when one of them is over. @module */

import { messageOf } from "../errors.ts";
import { isFinal, type Task, type TaskError } from "../queue/task.ts";
import type { WorkingSet } from "../queue/working-set.ts";
import { beginRound } from "./beginning.ts";
import type { Condition } from "./condition.ts";
import type { Work } from "./definition.ts";
import type { PlannedNode } from "./plan.ts";
import type { Scope } from "./references.ts";
import type { RunState } from "./run-state.ts";
import { complete, fail } from "./tasks.ts";
import { type FlowPlace, outcomeValue, scopeOf, taskIdOf } from "./values.ts";

/** An item or a round that is over. */
export interface Repeated {
  readonly set: WorkingSet;
  readonly state: RunState;
  readonly planned: PlannedNode;
  readonly place: FlowPlace;
  readonly item: Task;
}

/** How far a map has come. */
interface Items {
  readonly left: number;
  readonly failed: readonly number[];
}

/** Failed items that an error names. */
const MAX_TOLD = 100;

/** Let what is around it go on, or end. */
export function repeated(about: Repeated): void {
  const { set, planned, place } = about;
  const parent = set.task(taskIdOf({ ...place, role: "node" }));
  if (!parent || isFinal(parent)) return;
  const { work } = planned.node;
  if (work.kind === "map") itemEnded(about, parent);
  if (work.kind === "loop") roundEnded(about, parent, work);
}

function stopped({ set, state }: Repeated, parent: Task): boolean {
  if (!state.ending) return false;
  set.record(parent, { type: "cancelled", reason: state.ending.error.message });
  return true;
}

function roundEnded(about: Repeated, parent: Task, work: Extract<Work, { kind: "loop" }>): void {
  const { set, planned, place, item } = about;
  const { index = 0 } = place;
  const run = set.task(place.run);
  if (!run || stopped(about, parent)) return;
  if (item.state !== "done") {
    const message = `Round ${index} failed: ${item.error?.message ?? item.state}`;
    return void fail(set, parent, { code: item.error?.code ?? "tool_failed", message });
  }
  const last = outcomeValue(item);
  const [until] = planned.conditions;
  const isOver = holds(until, scopeOf(set, run, { last, index }));
  if (typeof isOver !== "boolean") fail(set, parent, isOver);
  else if (isOver) complete(set, parent, last);
  else if (index + 1 < work.max)
    beginRound({ set, run, state: about.state, planned }, work, index + 1, last);
  else {
    const message = `${work.until} did not hold after ${work.max} rounds`;
    fail(set, parent, { code: "tool_failed", message });
  }
}

/** Whether a loop is to end; an error where that cannot be decided. */
function holds(until: Condition | undefined, scope: Scope): boolean | TaskError {
  try {
    return until?.holds(scope) ?? true;
  } catch (error) {
    return { code: "invalid_input", message: messageOf(error) };
  }
}

function itemEnded(about: Repeated, map: Task): void {
  const { set, place, item } = about;
  // Stored by this module alone.
  const { left, failed } = map.flow as Items;
  const flow = {
    left: left - 1,
    // By their place, not by which was first: what the map says must not depend on that.
    failed: item.state === "done" ? failed : [...failed, place.index ?? 0].sort((a, b) => a - b),
  };
  const after = set.record(map, { type: "advanced", flow });
  if (flow.left > 0 || stopped(about, after)) return;
  const { items } = map.spec.input as { readonly items: number };
  const itemOf = (index: number): Task | undefined =>
    set.task(taskIdOf({ ...place, role: "item", index }));
  const [first] = flow.failed;
  if (first !== undefined) {
    const error = itemOf(first)?.error;
    const why = error?.message ?? "it was cancelled";
    const message = `${flow.failed.length} of ${items} items failed, the first of them ${first}: ${why}`;
    const data = { failed: flow.failed.slice(0, MAX_TOLD) };
    return void fail(set, after, { code: error?.code ?? "tool_failed", message, data });
  }
  const results = Array.from({ length: items }, (_, index) => {
    const task = itemOf(index);
    return task ? outcomeValue(task) : null;
  });
  complete(set, after, results);
}
