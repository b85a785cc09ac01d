/** How a run ends: with its result, or by undoing what it did, the last thing first. @module */

import { cancel } from "../queue/commands/change.ts";
import { isFinal, type Task } from "../queue/task.ts";
import type { WorkingSet } from "../queue/working-set.ts";
import type { Plan } from "./plan.ts";
import { resolve } from "./references.ts";
import { RUN_KIND, type RunState } from "./run-state.ts";
import { addCall, complete, fail } from "./tasks.ts";
import { outcomeValue, scopeOf, taskIdOf } from "./values.ts";

/** A run whose nodes have come to rest. */
export interface Resting {
  readonly set: WorkingSet;
  readonly run: Task;
  readonly state: RunState;
  readonly plan: Plan;
}

/** Do what is next for a run that has nothing left to run. */
export function comeToRest(resting: Resting): void {
  const { state, run } = resting;
  if (!state.ending && state.fault) {
    const { node, error } = state.fault;
    const message = `The node ${node} failed: ${error.message}`;
    const data = { node, code: error.code };
    state.ending = {
      state: "failed",
      error: { code: "tool_failed", message, data },
      compensates: true,
    };
  }
  const { ending } = state;
  if (!ending) return void complete(resting.set, run, outputOf(resting));
  ending.undo ??= ending.compensates ? toUndo(resting) : [];
  if (ending.undoing === undefined) undoNext(resting);
}

/** What the run came to: its `output`, or what its last nodes came to. */
function outputOf({ set, run, plan }: Resting): unknown {
  const { output } = plan.definition;
  if (output !== undefined) return resolve(output, scopeOf(set, run));
  return outputsOf(set, run, plan.last);
}

/** Results of nodes that are done. */
export function outputsOf(
  set: Pick<WorkingSet, "task">,
  run: Task,
  nodes: Iterable<string>,
): Readonly<Record<string, unknown>> {
  const done = [...nodes].flatMap((node): [string, unknown][] => {
    const task = set.task(taskIdOf({ run: run.spec.id, node, role: "node" }));
    return task?.state === "done" ? [[node, outcomeValue(task)]] : [];
  });
  return Object.fromEntries(done);
}

/** Nodes that are to be undone, the first one that ended first. */
function toUndo({ set, run, plan }: Resting): string[] {
  const done = [...plan.nodes.values()].flatMap(({ node }) => {
    const task = set.task(taskIdOf({ run: run.spec.id, node: node.id, role: "node" }));
    return node.compensate && task?.state === "done" ? [task] : [];
  });
  const inOrder = done.toSorted((a, b) => (a.endedBy ?? 0) - (b.endedBy ?? 0));
  return inOrder.map(({ spec }) => spec.id.slice(run.spec.id.length + 1));
}

function undoNext({ set, run, state, plan }: Resting): void {
  const { ending } = state;
  if (!ending) return;
  const node = ending.undo?.pop();
  const call = node === undefined ? undefined : plan.nodes.get(node)?.node.compensate;
  if (node === undefined || !call) {
    end(set, run, ending);
    return;
  }
  ending.undoing = node;
  const input = resolve(call.input ?? {}, scopeOf(set, run)) as Readonly<Record<string, unknown>>;
  // It is undone where it was done.
  const done = set.task(taskIdOf({ run: run.spec.id, node, role: "node" }));
  const at = done?.peer === undefined ? undefined : [done.peer];
  addCall(set, run, { run: run.spec.id, node, role: "undo" }, { ...call, input, at });
}

function end(
  set: WorkingSet,
  run: Task,
  { state, error, stuck }: NonNullable<RunState["ending"]>,
): void {
  if (state === "cancelled" && !stuck) {
    set.record(run, { type: "cancelled", reason: error.message });
    return;
  }
  const undone = stuck && `; not undone: ${stuck.join(", ")}`;
  const message = `${error.message}${undone ?? ""}`;
  fail(set, run, {
    ...error,
    message,
    ...(stuck && { data: { ...error.data, notUndone: stuck } }),
  });
}

/** Stop what a node still does; `cancelRun` is for a run within. Whether there was anything to stop. */
export function cancelNode(
  set: WorkingSet,
  task: Task,
  reason: string,
  cancelRun: (id: string) => void,
): boolean {
  if (isFinal(task)) return false;
  const { id, kind } = task.spec;
  if (kind === RUN_KIND) cancelRun(id);
  else if (kind === "workflow.map" || kind === "workflow.loop") {
    // It ends with the last of its items, or its round: those may still be running.
    for (let index = 0; ; index += 1) {
      const item = set.task(`${id}.${index}`);
      if (!item) break;
      if (!isFinal(item)) cancel(set, item.spec.id, reason);
    }
  } else cancel(set, id, reason);
  return true;
}

/** Stop everything of a run that was cancelled as a task: nothing of it is undone. */
export function stopNodes(set: WorkingSet, run: Task, plan: Plan): void {
  const within = (id: string): void => void cancel(set, id, "the workflow around it was cancelled");
  for (const task of nodeTasks(set, run, plan)) {
    cancelNode(set, task, "the workflow was cancelled", within);
  }
}

/** Forget what a run was made of. */
export function forget(set: WorkingSet, run: Task, plan: Plan): void {
  for (const task of nodeTasks(set, run, plan)) {
    const { id } = task.spec;
    for (let index = 0; ; index += 1) {
      const item = set.task(`${id}.${index}`);
      if (!item) break;
      set.remove(item);
    }
    const undo = set.task(`${id}~undo`);
    if (undo) set.remove(undo);
    set.remove(task);
  }
}

function nodeTasks(set: WorkingSet, run: Task, plan: Plan): readonly Task[] {
  return [...plan.nodes.keys()].flatMap(
    (node) => set.task(taskIdOf({ run: run.spec.id, node, role: "node" })) ?? [],
  );
}
