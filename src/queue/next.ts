/** What an event makes of a task. @module */

import { MAX_LOG_LINES, type Task, type TaskError } from "./task.ts";
import type { Elsewhere, TaskEvent } from "./task-event.ts";

/** The task after `event`, which happened at `now`; whether it may happen is for the caller to say. */
export function next(task: Task, event: TaskEvent, now: number): Task {
  const at = { updatedAt: now };
  switch (event.type) {
    case "submitted":
      return { ...task, ...at, state: task.runAt > now ? "scheduled" : "ready" };
    case "released":
      return { ...task, ...at, state: "ready" };
    case "claimed":
      return claimed(task, event, now);
    case "kept":
      return { ...task, ...(task.lease && { lease: { ...task.lease, keeper: event.keeper } }) };
    case "progressed":
      return progressed(task, event, now);
    case "completed":
      return ended(went(task, event), now, { state: "done", ...resultOf(event) });
    case "failed":
      return failed(went(task, event), event, now);
    case "adopted":
      return { ...task, ...at, ...event.row };
    case "placed":
      return { ...task, ...at, peer: event.peer };
    case "displaced":
      return displaced(task, now);
    case "lost":
      return lost(task, event.retryAt, now);
    case "returned":
      // The attempt does not count; its token does, so that no other attempt gets the same.
      return { ...withoutLease(task), ...at, state: "ready", attempts: task.attempts - 1 };
    case "asked":
      return asked(task, event, now);
    case "answered":
      return answered(task, event.answers, now);
    case "cancel-requested":
      return {
        ...task,
        ...at,
        ...(task.lease && { lease: { ...task.lease, cancel: { reason: event.reason, at: now } } }),
      };
    case "cancelled":
      return ended(task, now, {
        state: "cancelled",
        error: { code: event.code ?? "cancelled", message: event.reason },
      });
    case "advanced":
      return { ...task, ...at, flow: event.flow };
    case "updated":
      return updated(task, event, now);
    case "stale":
      return task;
  }
}

type Event<Type extends TaskEvent["type"]> = Extract<TaskEvent, { readonly type: Type }>;

function displaced({ peer: _, ...rest }: Task, now: number): Task {
  return { ...rest, updatedAt: now };
}

/** Who worked it at a peer, and how often. */
function went(task: Task, { elsewhere }: { readonly elsewhere?: Elsewhere }): Task {
  if (!elsewhere) return task;
  const { worker, startedAt, attempts } = elsewhere;
  return {
    ...task,
    attempts,
    ...(worker !== undefined && { worker }),
    ...(startedAt !== undefined && { startedAt }),
  };
}

function withoutLease(task: Task): Task {
  const { lease: _, ...rest } = task;
  return rest;
}

/** Off the order and off its worker. */
function ended({ lease: _, ...rest }: Task, now: number, how: Partial<Task>): Task {
  return { ...rest, updatedAt: now, finishedAt: now, isHeld: false, ...how };
}

function claimed(task: Task, event: Event<"claimed">, now: number): Task {
  const { worker, token, keeper } = event;
  const { progress: _, ...rest } = task;
  return {
    ...rest,
    state: "leased",
    attempts: task.attempts + 1,
    token,
    worker,
    lease: { worker, token, claimedAt: now, ...(keeper !== undefined && { keeper }) },
    startedAt: task.startedAt ?? now,
    updatedAt: now,
  };
}

function progressed(task: Task, { progress, log }: Event<"progressed">, now: number): Task {
  const lines = log === undefined ? task.log : [...task.log, log].slice(-MAX_LOG_LINES);
  return { ...task, updatedAt: now, log: lines, ...(progress && { progress }) };
}

function resultOf({ result, resultCid }: Event<"completed">): Partial<Task> {
  return { resultCid, ...(result !== undefined && { result }) };
}

function failed(task: Task, event: Event<"failed">, now: number): Task {
  const { error, isRetryable, retryAt } = event;
  if (!isRetryable) return ended(task, now, { state: "failed", error });
  if (task.attempts >= task.spec.maxAttempts) return ended(task, now, { state: "dead", error });
  return again({ ...task, error }, retryAt, now);
}

/** Stalls have a bound of their own: a task that kills its workers must not do so for ever. */
function lost(task: Task, retryAt: number, now: number): Task {
  const stalls = task.stalls + 1;
  const worker = task.lease?.worker ?? "its worker";
  const error: TaskError = {
    code: "lease_lost",
    message: `${worker} was not heard of for the length of a lease`,
    data: { stalls, maxStalls: task.spec.maxStalls },
  };
  const stalled = { ...task, stalls, error };
  if (stalls > task.spec.maxStalls) return ended(stalled, now, { state: "dead" });
  // A lost attempt is no failed one: it is the stalls that count it.
  return again({ ...stalled, attempts: task.attempts - 1 }, retryAt, now);
}

function again(task: Task, retryAt: number, now: number): Task {
  const state = retryAt > now ? "scheduled" : "ready";
  return { ...withoutLease(task), state, runAt: retryAt, updatedAt: now };
}

/** A round of questions is no failed attempt. */
function asked(task: Task, { questions, state, until }: Event<"asked">, now: number): Task {
  const dialogue = {
    round: (task.dialogue?.round ?? 0) + 1,
    open: questions,
    answers: {},
    ...(state !== undefined && { state }),
  };
  return { ...again(task, until, now), attempts: task.attempts - 1, dialogue };
}

/** What is not asked, or has been answered, is not looked at. */
function answered(task: Task, said: Event<"answered">["answers"], now: number): Task {
  const { dialogue } = task;
  if (!dialogue) return task;
  const entries = Object.entries(dialogue.open);
  const open = Object.fromEntries(entries.filter(([key]) => !Object.hasOwn(said, key)));
  const heard = entries
    .filter(([key]) => Object.hasOwn(said, key))
    .map(([key]) => [key, said[key]]);
  const answers = { ...dialogue.answers, ...Object.fromEntries(heard) };
  const after: Task = { ...task, updatedAt: now, dialogue: { ...dialogue, open, answers } };
  return Object.keys(open).length > 0 ? after : { ...after, state: "ready", runAt: now };
}

function updated(task: Task, event: Event<"updated">, now: number): Task {
  const { labels, note, priority } = event;
  return {
    ...task,
    updatedAt: now,
    ...(labels && { labels: { ...task.labels, ...labels } }),
    ...(note !== undefined && { note }),
    ...(priority !== undefined && { priority }),
  };
}
