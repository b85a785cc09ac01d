/** What a worker says of a task that it holds: only the current token counts. @module */

import { decode } from "@ipld/dag-cbor";
import { ConflictError, InputError } from "../../errors.ts";
import { cidOf } from "../../ipld/block.ts";
import { backoffMs } from "../backoff.ts";
import { jsonOf } from "../json.ts";
import {
  compareTokens,
  isFinal,
  isWaiting,
  type Task,
  type TaskError,
  type Token,
} from "../task.ts";
import type { WorkingSet } from "../working-set.ts";
import { ask, questionsIn } from "./dialogue.ts";

/** A handler's result, as it will be stored. */
export interface Result {
  readonly cid: string;
  /** Small enough for the task's own row. */
  readonly value?: unknown;
  /** Too large for it. */
  readonly bytes?: Uint8Array;
}

/** Why an attempt failed, and whether another could do better. */
export interface Failure {
  readonly error: TaskError;
  readonly isRetryable: boolean;
  /** Not before so many ms; left out, the task's own backoff decides. */
  readonly retryAfterMs?: number;
}

/** The task, or an error that says that there is none. */
export function known(set: WorkingSet, id: string): Task {
  const task = set.task(id);
  if (task) return task;
  const { queue } = set;
  throw new InputError(
    "not_found",
    `There is no task ${id} in the queue "${queue}"; finished ones are kept for their resultTtlMs`,
    { data: { taskId: id, queue } },
  );
}

/** A worker's word on an attempt: accepted, or stale, which is an outcome and not an exception here. */
export type Settled =
  | { readonly isStale: false; readonly task: Task }
  /** Recorded; the worker is to be told `lease_lost`. */
  | { readonly isStale: true; readonly task: Task; readonly error: ConflictError };

/** The attempt succeeded, or ended with questions. Said twice with the same result it counts once. */
export function complete(set: WorkingSet, id: string, token: Token, result: Result): Settled {
  const task = known(set, id);
  if (isRepetition(task, token, result)) return { isStale: false, task };
  if (!holds(task, token)) return stale(set, task, token, "completed");
  const questions = questionsIn(task.spec, result.value);
  if (questions) return { isStale: false, task: ask(set, task, token, questions) };
  if (result.bytes && task.spec.flow !== undefined) return passOn(set, task, token, result.bytes);
  if (result.bytes) set.keep(id, result.cid, result.bytes);
  const done = set.record(task, {
    type: "completed",
    token,
    resultCid: result.cid,
    ...(result.value !== undefined && { result: result.value }),
  });
  return { isStale: false, task: done };
}

/** Nodes read what others came to within transactions, so it stays with the task; within a bound. */
function passOn(set: WorkingSet, task: Task, token: Token, bytes: Uint8Array): Settled {
  if (bytes.length <= MAX_PASSED_BYTES) {
    const resultCid = cidOf(bytes).toString();
    const event = { type: "completed", token, result: decode(bytes), resultCid } as const;
    return { isStale: false, task: set.record(task, event) };
  }
  const error: TaskError = {
    code: "too_large",
    message: `The result has ${bytes.length} bytes, and nodes of a workflow pass on at most ${MAX_PASSED_BYTES}: return where it is, such as a path or a CID`,
    data: { bytes: bytes.length, maxBytes: MAX_PASSED_BYTES },
  };
  const event = { type: "failed", token, error, isRetryable: false, retryAt: set.now } as const;
  return { isStale: false, task: set.record(task, event) };
}

/** What one node of a workflow passes on to others. */
export const MAX_PASSED_BYTES: number = 1024 * 1024;

/** The attempt failed; one that was to be cancelled is cancelled. */
export function fail(
  set: WorkingSet,
  { id, token, failure }: { readonly id: string; readonly token: Token; readonly failure: Failure },
  random: () => number,
): Settled {
  const task = known(set, id);
  if (isFinal(task) && sameToken(task.token, token)) return { isStale: false, task };
  if (!holds(task, token)) return stale(set, task, token, "failed");
  const cancel = task.lease?.cancel;
  if (cancel) {
    const cancelled = set.record(task, { type: "cancelled", reason: cancel.reason });
    return { isStale: false, task: cancelled };
  }
  const { isRetryable, retryAfterMs } = failure;
  const error = jsonOf(failure.error);
  const waitMs = retryAfterMs ?? backoffMs(task.spec.backoff, task.attempts, random);
  const retryAt = set.now + waitMs;
  const failed = set.record(task, { type: "failed", token, error, isRetryable, retryAt });
  return { isStale: false, task: failed };
}

/** The worker gives the task back, and no attempt was made; one that was to be cancelled is cancelled. */
export function giveBack(set: WorkingSet, id: string, token: Token): Settled {
  const task = known(set, id);
  if (!holds(task, token)) return stale(set, task, token, "returned");
  const cancel = task.lease?.cancel;
  if (cancel) {
    const cancelled = set.record(task, { type: "cancelled", reason: cancel.reason });
    return { isStale: false, task: cancelled };
  }
  return { isStale: false, task: set.record(task, { type: "returned", token }) };
}

/** Whether this token is the one that the task is leased under. */
export function holds({ lease }: Task, token: Token): boolean {
  return lease !== undefined && sameToken(lease.token, token);
}

function sameToken(a: Token, b: Token): boolean {
  return compareTokens(a, b) === 0;
}

function isRepetition(task: Task, token: Token, result: Result): boolean {
  if (!sameToken(task.token, token)) return false;
  if (isWaiting(task)) return questionsIn(task.spec, result.value) !== undefined;
  return task.state === "done" && task.resultCid === result.cid;
}

/** Recorded, so that somebody who asks why work was done twice finds out. */
function stale(set: WorkingSet, task: Task, token: Token, what: string): Settled {
  const { id } = task.spec;
  const isWorthwhile = task.events.length < MAX_STALE_EVENTS;
  const after = isWorthwhile ? set.record(task, { type: "stale", token, what }) : task;
  const error = new ConflictError(
    "lease_lost",
    `Attempt ${token.attempt} of task ${id} is over: ${whose(task)}; stop working on it`,
    { data: { taskId: id, token, state: task.state } },
  );
  return { isStale: true, task: after, error };
}

/** A worker that says the same for ever must not fill the log. */
const MAX_STALE_EVENTS = 500;

function whose({ lease, state }: Task): string {
  return lease ? `attempt ${lease.token.attempt} runs at ${lease.worker}` : `the task is ${state}`;
}
