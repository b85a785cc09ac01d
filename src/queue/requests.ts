/** A request for a task, with everything that it leaves open filled in. @module */

import { InputError } from "../errors.ts";
import { type Caller, storeCaller } from "../registry/caller.ts";
import type { TaskRequest } from "../registry/task-views.ts";
import { checkJson } from "./json.ts";
import { momentOf } from "./moments.ts";
import { checkCron, nextTick } from "./recurrence.ts";
import type { Backoff } from "./task.ts";
import type { NewTask } from "./working-set.ts";

/** What a request falls back to. */
export interface TaskDefaults {
  readonly timeoutMs: number;
  readonly maxAttempts: number;
  readonly maxStalls: number;
  readonly backoff: Backoff;
  readonly resultTtlMs: number;
}

/** What the new task is to be, beside the request. */
export interface Submission {
  readonly id: string;
  readonly queue: string;
  readonly caller: Caller;
  readonly now: number;
  readonly defaults: TaskDefaults;
}

/** Priority of a request that names none. */
const PRIORITY = 5;

/** The task of a request; throws `invalid_input` where it contradicts itself. */
export function newTaskOf(request: TaskRequest, about: Submission): NewTask {
  const { id, queue, caller, now, defaults } = about;
  const { kind, tool, labels = {}, priority = PRIORITY } = request;
  if (kind === "tool" && tool === undefined) {
    throw new InputError(
      "invalid_input",
      'A task of the kind "tool" needs the name of a tool: give it as tool',
    );
  }
  if (kind !== "tool" && tool !== undefined) {
    throw new InputError(
      "invalid_input",
      `The kind "${kind}" calls no tool: leave out tool ("${tool}"), or use the kind "tool"`,
    );
  }
  checkJson("input", request.input ?? {});
  return {
    spec: {
      ...{ id, queue, kind, input: request.input ?? {}, submittedAt: now, generation: 0 },
      ...(tool !== undefined && { tool }),
      timeoutMs: request.timeoutMs ?? defaults.timeoutMs,
      maxAttempts: request.maxAttempts ?? defaults.maxAttempts,
      maxStalls: defaults.maxStalls,
      backoff: backoffOf(request, defaults),
      ...optional(request),
      requires: [...new Set(request.requires ?? [])].sort(),
      resultTtlMs: request.resultTtlMs ?? defaults.resultTtlMs,
      ...recurrenceOf(request, id),
      caller: storeCaller(caller),
    },
    priority,
    labels,
    runAt: runAtOf(request, now),
  };
}

function backoffOf({ backoff }: TaskRequest, defaults: TaskDefaults): Backoff {
  const given = Object.entries(backoff ?? {}).filter(([, value]) => value !== undefined);
  return { ...defaults.backoff, ...Object.fromEntries(given) };
}

function optional({
  idempotencyKey,
  groupKey,
  groupLimit,
  groupRate,
  session,
  opening,
}: TaskRequest): Partial<NewTask["spec"]> {
  if (groupKey === undefined && (groupLimit !== undefined || groupRate)) {
    throw new InputError(
      "invalid_input",
      "groupLimit and groupRate bound the tasks of one group: name it with groupKey",
    );
  }
  return {
    ...(idempotencyKey !== undefined && { idempotencyKey }),
    ...(groupKey !== undefined && { groupKey }),
    ...(groupLimit !== undefined && { groupLimit }),
    ...(groupRate && { groupRate }),
    ...(session !== undefined && { session }),
    ...(opening && { opening }),
  };
}

function recurrenceOf({ cron, timezone }: TaskRequest, series: string): Partial<NewTask["spec"]> {
  if (cron === undefined) return {};
  checkCron(cron, timezone);
  return { recurrence: { cron, series, ...(timezone !== undefined && { timezone }) } };
}

function runAtOf({ runAt, cron, timezone }: TaskRequest, now: number): number {
  if (cron !== undefined) {
    const after = runAt === undefined ? now : Math.max(now, momentOf("runAt", runAt));
    const recurrence = { cron, series: "", ...(timezone !== undefined && { timezone }) };
    const tick = nextTick(recurrence, after);
    if (tick !== undefined) return tick;
    throw new InputError("invalid_input", `"${cron}" names no moment that is still to come`);
  }
  return runAt === undefined ? now : momentOf("runAt", runAt);
}
