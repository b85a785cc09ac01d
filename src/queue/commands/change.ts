/** What people and models do to a task from outside: cancel, update, prioritize, submit again. @module */

import { ConflictError, InputError } from "../../errors.ts";
import { checkJson } from "../json.ts";
import { isFinal, type Task, type TaskProgress, type Token } from "../task.ts";
import type { WorkingSet } from "../working-set.ts";
import { holds, known } from "./settle.ts";

/** Cancel: at once while nobody works on it, else by asking its worker. */
export function cancel(set: WorkingSet, id: string, reason: string): Task {
  const task = known(set, id);
  if (isFinal(task)) return task;
  if (task.state !== "leased") return set.record(task, { type: "cancelled", reason });
  if (task.lease?.cancel) return task;
  return set.record(task, { type: "cancel-requested", reason });
}

/** The grace of a cancellation is over: take the task from its worker. */
export function enforceCancel(set: WorkingSet, id: string, token: Token): Task | undefined {
  const task = set.task(id);
  if (!task?.lease?.cancel || !holds(task, token)) return undefined;
  return set.record(task, { type: "cancelled", reason: task.lease.cancel.reason });
}

/** Labels and a note, at any time. */
export function update(
  set: WorkingSet,
  id: string,
  change: { readonly labels?: Readonly<Record<string, string>>; readonly note?: string },
): Task {
  return set.record(known(set, id), { type: "updated", ...change });
}

/** How far a handler has come; only its worker can say. */
export function progress(
  set: WorkingSet,
  id: string,
  token: Token,
  said: { readonly progress?: TaskProgress; readonly log?: string },
): Task {
  checkJson("progress", said);
  const task = known(set, id);
  if (holds(task, token)) return set.record(task, { type: "progressed", ...said });
  throw new ConflictError(
    "lease_lost",
    `Task ${id} is not held with this token: it is ${task.state}; read its status for the current one`,
    { data: { taskId: id, state: task.state } },
  );
}

/** A new priority for a task that has not begun. */
export function prioritize(set: WorkingSet, id: string, priority: number): Task {
  const task = known(set, id);
  if (task.state === "scheduled" || task.state === "ready") {
    return set.record(task, { type: "updated", priority });
  }
  throw new InputError(
    "invalid_input",
    `Task ${id} is ${task.state}: only a task that waits can get another priority`,
    { data: { taskId: id, state: task.state } },
  );
}

/**
 * A new task of one that ended without a result.
 *
 * `isFresh` gives it all attempts again; else it gets the one that was its last.
 */
export function resubmit(
  set: WorkingSet,
  id: string,
  { newId, isFresh }: { readonly newId: string; readonly isFresh: boolean },
): Task {
  const { spec, state, priority, labels, flow } = known(set, id);
  if (spec.flow !== undefined || flow !== undefined) {
    throw new InputError(
      "invalid_input",
      `Task ${id} is part of a workflow, which has gone on without it: submit that one again with p2p_workflow_reschedule`,
      { data: { taskId: id } },
    );
  }
  const twin = set.task(newId);
  // The network may bring one request twice.
  if (twin?.spec.previousTaskId === id) return twin;
  if (twin) {
    throw new ConflictError(
      "duplicate_task",
      `The id "${newId}" belongs to another task; choose a new one to submit task ${id} again`,
      { data: { taskId: newId } },
    );
  }
  if (state !== "failed" && state !== "cancelled" && state !== "dead") {
    throw new InputError(
      "invalid_input",
      `Task ${id} is ${state}: only a task that failed, was cancelled or is dead can be submitted again`,
      { data: { taskId: id, state } },
    );
  }
  // The key stays with the task that it was given for.
  const { idempotencyKey: _, ...rest } = spec;
  return set.add({
    spec: {
      ...rest,
      id: newId,
      maxAttempts: isFresh ? spec.maxAttempts : 1,
      submittedAt: set.now,
      generation: spec.generation + 1,
      previousTaskId: id,
    },
    priority,
    runAt: set.now,
    labels,
  });
}
