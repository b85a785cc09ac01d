/** Tasks as everybody sees them. @module */

import { decode } from "@ipld/dag-cbor";
import { CID } from "multiformats/cid";
import { InputError } from "../errors.ts";
import { cidOf } from "../ipld/block.ts";
import { isCallResult } from "../registry/result.ts";
import type { TaskHistoryEntry, TaskInfo, TaskOutcome } from "../registry/task-views.ts";
import type { LoggedEvent } from "./log-draft.ts";
import type { LogEntry } from "./queue-store.ts";
import { isWaiting, NEVER, type Task, type Token } from "./task.ts";

const iso = (at: number): string => new Date(at).toISOString();

/** `epoch.attempt`. */
export function formatToken({ epoch, attempt }: Token): string {
  return `${epoch}.${attempt}`;
}

/** The inverse of {@link formatToken}; throws `invalid_input`. */
export function parseToken(text: string): Token {
  const [, epoch, attempt] = /^(\d{1,15})\.(\d{1,15})$/.exec(text) ?? [];
  if (epoch !== undefined && attempt !== undefined) {
    return { epoch: Number(epoch), attempt: Number(attempt) };
  }
  throw new InputError(
    "invalid_input",
    `"${text}" is not a lease's token such as 3.1: give the token of the task's lease, unchanged`,
    { data: { token: text } },
  );
}

function leaseInfo(
  { worker, token, cancel }: NonNullable<Task["lease"]>,
  leftMs: number | undefined,
): NonNullable<TaskInfo["lease"]> {
  return {
    worker,
    token: formatToken(token),
    epoch: token.epoch,
    ...(leftMs !== undefined && { leftMs: Math.round(leftMs) }),
    isCancelling: cancel !== undefined,
  };
}

/** A task for lists and status; `leftMs` is what is left of its lease. */
export function infoOf(task: Task, leftMs?: number): TaskInfo {
  const { spec, lease } = task;
  return {
    taskId: spec.id,
    queue: spec.queue,
    kind: spec.kind,
    ...(spec.tool !== undefined && { tool: spec.tool }),
    state: task.state,
    priority: task.priority,
    attempts: task.attempts,
    maxAttempts: spec.maxAttempts,
    stalls: task.stalls,
    generation: spec.generation,
    ...(spec.previousTaskId !== undefined && { previousTaskId: spec.previousTaskId }),
    submittedBy: spec.caller.id,
    submittedAt: iso(spec.submittedAt),
    ...(task.runAt < NEVER && { runAt: iso(task.runAt) }),
    ...(task.startedAt !== undefined && { startedAt: iso(task.startedAt) }),
    ...(task.finishedAt !== undefined && { finishedAt: iso(task.finishedAt) }),
    updatedAt: iso(task.updatedAt),
    ...(spec.groupKey !== undefined && { groupKey: spec.groupKey }),
    ...(spec.session !== undefined && { session: spec.session }),
    labels: task.labels,
    ...(task.note !== undefined && { note: task.note }),
    requires: spec.requires,
    ...(spec.recurrence && { cron: spec.recurrence.cron }),
    ...(task.progress && { progress: task.progress }),
    ...(task.peer !== undefined && { peer: task.peer }),
    ...(lease && { lease: leaseInfo(lease, leftMs) }),
    ...(task.error && { error: task.error }),
    ...(task.dialogue &&
      isWaiting(task) && { asks: { round: task.dialogue.round, questions: task.dialogue.open } }),
    ...(task.finishedAt !== undefined && { keptUntil: iso(task.finishedAt + spec.resultTtlMs) }),
  };
}

/** What became of a task; a result that is large is told by its CID alone. */
export function outcomeOf(task: Task, now: number): TaskOutcome {
  const { spec, state, error, resultCid, startedAt, finishedAt, attempts } = task;
  const result = state === "done" ? shownResult(task) : undefined;
  return {
    ...{ taskId: spec.id, state, attempts },
    ...(result !== undefined && { result }),
    ...(error && state !== "done" && { error }),
    ...(resultCid !== undefined && { resultCid }),
    durationMs: startedAt === undefined ? 0 : (finishedAt ?? now) - startedAt,
  };
}

/** What a tool structured is what its task gives; the same as text would only be twice. */
function shownResult({ spec, result }: Task): unknown {
  if (spec.kind !== "tool" || !isCallResult(result)) return result;
  return result.structuredContent ?? { content: result.content };
}

/** A task's own events out of commits of the log. */
export function historyOf(
  { events: numbers }: Pick<Task, "events">,
  commits: readonly LogEntry[],
): readonly TaskHistoryEntry[] {
  const wanted = new Set(numbers);
  return commits.flatMap(({ first, cid: commit, events }) =>
    events.flatMap((bytes, at) => {
      if (!wanted.has(first + at)) return [];
      const { number, at: time, type, task: _, ...facts } = decode<LoggedEvent>(bytes);
      return [
        { number, at: iso(time), type, cid: cidOf(bytes).toString(), commit, facts: shown(facts) },
      ];
    }),
  );
}

/** CIDs as text, wherever they are. */
function shown(facts: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return shownValue(facts) as Readonly<Record<string, unknown>>;
}

function shownValue(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const cid = CID.asCID(value);
  if (cid) return cid.toString();
  if (Array.isArray(value)) return value.map(shownValue);
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, shownValue(part)]));
}
