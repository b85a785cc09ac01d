/** What people, models and other workflows do to a run from outside. @module */

import { ConflictError, InputError } from "../errors.ts";
import { submit as submitTask } from "../queue/commands/submit.ts";
import { isFinal, type Task } from "../queue/task.ts";
import type { NewTask, WorkingSet } from "../queue/working-set.ts";
import { flowOf } from "./flows.ts";
import type { StoredDefinition } from "./plans.ts";
import { type Coordination, RUN_KIND, type RunState, runStateOf } from "./run-state.ts";
import { complete } from "./tasks.ts";
import { taskIdOf } from "./values.ts";

/** A run that is wanted. */
export interface WantedRun {
  readonly task: NewTask;
  readonly definition: StoredDefinition;
  readonly reuse?: RunState["reuse"];
  readonly coordination?: Coordination;
  readonly maxBacklog: number;
}

/** Submit a run; its first nodes begin at once. */
export function submitRun(
  set: WorkingSet,
  { task: wanted, definition, reuse, coordination, maxBacklog }: WantedRun,
): { readonly task: Task; readonly isDuplicate: boolean } {
  const { task, isDuplicate } = submitTask(set, wanted, maxBacklog);
  if (isDuplicate) return { task, isDuplicate };
  const { cid, bytes, plan } = definition;
  set.keep(task.spec.id, cid, bytes);
  flowOf(set).beginRun(task, plan, {
    ...{ definition: cid, depth: 1 },
    ...(reuse && { reuse }),
    ...(coordination && { coordination }),
  });
  return { task: known(set, task.spec.id), isDuplicate };
}

/** The run, or an error that says that there is none. */
export function known(set: Pick<WorkingSet, "task" | "queue">, id: string): Task {
  const task = set.task(id);
  if (task?.spec.kind === RUN_KIND) return task;
  const { queue } = set;
  throw new InputError(
    "not_found",
    `There is no workflow ${id} in the queue "${queue}"; finished ones are kept for their resultTtlMs`,
    { data: { workflowId: id, queue } },
  );
}

/** Begin nothing new until it is resumed; what runs goes on. */
export function pause(set: WorkingSet, id: string): Task {
  goingOn(set, id);
  flowOf(set).change(id, (state) => {
    state.held ??= [];
  });
  return known(set, id);
}

/** Begin what was held back. */
export function resume(set: WorkingSet, id: string): Task {
  goingOn(set, id);
  flowOf(set).resume(id);
  return known(set, id);
}

/** End a run: what runs is stopped, and what is done is undone where `compensates`. */
export function cancelRun(
  set: WorkingSet,
  id: string,
  { reason, compensates }: { readonly reason: string; readonly compensates: boolean },
): { readonly task: Task; readonly stopped: readonly string[] } {
  if (isFinal(known(set, id))) return { task: known(set, id), stopped: [] };
  const stopped = flowOf(set).cancel(id, reason, compensates);
  return { task: known(set, id), stopped };
}

/** Tell a node what it waits for; who is first is heard. */
export function tell(
  set: WorkingSet,
  id: string,
  {
    node,
    payload,
    isApproval,
  }: {
    readonly node: string;
    readonly payload: unknown;
    readonly isApproval: boolean;
  },
): Task {
  goingOn(set, id);
  const task = set.task(taskIdOf({ run: id, node, role: "node" }));
  const data = { workflowId: id, node };
  if (!task) {
    const message = `The node ${node} of workflow ${id} does not wait: there is none, or it has not begun`;
    throw new InputError("not_found", message, { data });
  }
  const { signal, approval } = (task.spec.input ?? {}) as {
    readonly signal?: string;
    readonly approval?: string;
  };
  if (task.spec.kind !== "workflow.wait" || (isApproval ? approval : signal) === undefined) {
    const waits =
      approval === undefined ? (signal === undefined ? "nobody" : "a signal") : "an approval";
    const message = `The node ${node} of workflow ${id} waits for ${waits}`;
    throw new InputError("invalid_input", message, { data });
  }
  if (isFinal(task)) {
    const message = `The node ${node} of workflow ${id} was told before: it is ${task.state}`;
    throw new ConflictError("version_conflict", message, { data });
  }
  complete(set, task, payload);
  return known(set, id);
}

function goingOn(set: WorkingSet, id: string): void {
  const task = known(set, id);
  const { ending } = runStateOf(task);
  if (!isFinal(task) && !ending) return;
  const state = isFinal(task) ? task.state : `being ${ending?.state}`;
  const message = `Workflow ${id} is ${state}, and does not go on: submit it again with p2p_workflow_reschedule`;
  throw new InputError("invalid_input", message, { data: { workflowId: id, state } });
}
