/** Submitting a task, once for each idempotency key and each id. @module */

import { ConflictError, UnavailableError } from "../../errors.ts";
import type { Task } from "../task.ts";
import type { NewTask, WorkingSet } from "../working-set.ts";

/** What became of a submission. */
export interface Submitted {
  readonly task: Task;
  /** It had been submitted before, under the same idempotency key or id. */
  readonly isDuplicate: boolean;
}

/** Add the task, or find the one that its key or its id already names. */
export function submit(set: WorkingSet, wanted: NewTask, maxBacklog: number): Submitted {
  const { id, idempotencyKey, queue } = wanted.spec;
  const byKey = idempotencyKey === undefined ? undefined : set.byKey(idempotencyKey);
  // The network may bring one request twice.
  const known = byKey ?? set.task(id);
  if (known) {
    checkSame(known, wanted);
    return { task: known, isDuplicate: true };
  }
  if (set.backlog >= maxBacklog) {
    throw new UnavailableError(
      "queue_full",
      `The queue "${queue}" holds ${set.backlog} unfinished tasks, which is as many as queue.maxBacklog allows`,
      { data: { queue, backlog: set.backlog, maxBacklog, retryAfterMs: 1_000 } },
    );
  }
  return { task: set.add(wanted), isDuplicate: false };
}

/** One name for two different tasks is a mistake of the submitter, who would wait for the wrong one. */
function checkSame({ spec }: Task, { spec: wanted }: NewTask): void {
  const asked = (one: typeof spec): string =>
    JSON.stringify([one.kind, one.tool ?? null, one.input ?? null, one.caller.id]);
  if (asked(spec) === asked(wanted)) return;
  const isSameId = spec.id === wanted.id;
  const name = isSameId ? `id "${wanted.id}"` : `idempotency key "${wanted.idempotencyKey}"`;
  throw new ConflictError(
    "duplicate_task",
    `The ${name} belongs to another task (${spec.id}); choose one for each task`,
    { data: { taskId: spec.id, idempotencyKey: wanted.idempotencyKey } },
  );
}
