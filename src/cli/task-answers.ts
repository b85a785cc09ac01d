/** What the tools of the task queue answer, as far as commands show it; the rest is passed on. @module */

import * as v from "valibot";
import { readAnswer } from "./read-answer.ts";

/** Why a task or an attempt failed. */
export interface FaultRow {
  readonly code: string;
  readonly message: string;
  readonly data?: Readonly<Record<string, unknown>> | undefined;
}

/** What commands show of a task. */
export interface TaskRow {
  readonly taskId: string;
  readonly kind: string;
  readonly tool?: string | undefined;
  readonly state: string;
  readonly priority: number;
  readonly attempts: number;
  readonly maxAttempts: number;
  readonly submittedAt: string;
  readonly runAt?: string | undefined;
  readonly startedAt?: string | undefined;
  readonly finishedAt?: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly note?: string | undefined;
  readonly cron?: string | undefined;
  readonly progress?:
    | {
        readonly done: number;
        readonly total?: number | undefined;
        readonly message?: string | undefined;
      }
    | undefined;
  readonly peer?: string | undefined;
  readonly lease?:
    | { readonly worker: string; readonly token: string; readonly isCancelling: boolean }
    | undefined;
  readonly error?: FaultRow | undefined;
  readonly history?: readonly HistoryRow[] | undefined;
}

/** One event of a task. */
export interface HistoryRow {
  readonly at: string;
  readonly type: string;
  readonly cid: string;
}

/** A page of tasks. */
export interface TaskPage {
  readonly tasks: readonly TaskRow[];
  readonly nextCursor?: string | undefined;
  readonly asOf: string;
  readonly stale: boolean;
}

/** What became of a submission. */
export interface SubmittedRow {
  readonly taskId: string;
  readonly state: string;
  readonly queue: string;
  readonly duplicate: boolean;
  readonly position?: number | undefined;
}

/** What became of a task. */
export interface OutcomeRow {
  readonly taskId: string;
  readonly state: string;
  readonly result?: unknown;
  readonly resultCid?: string | undefined;
  readonly error?: FaultRow | undefined;
}

/** What commands show of a worker. */
export interface WorkerRow {
  readonly worker: string;
  readonly slots?: number | undefined;
  readonly host?: string | undefined;
  readonly running: number;
  readonly done: number;
  readonly failed: number;
  readonly stalled: number;
  readonly p50Ms?: number | undefined;
  readonly p99Ms?: number | undefined;
  readonly lastHeartbeat: string;
}

const text = v.optional(v.string());
const number = v.optional(v.number());

const FaultSchema: v.GenericSchema<unknown, FaultRow> = v.looseObject({
  code: v.string(),
  message: v.string(),
  data: v.optional(v.record(v.string(), v.unknown())),
});

const TaskSchema: v.GenericSchema<unknown, TaskRow> = v.looseObject({
  taskId: v.string(),
  kind: v.string(),
  tool: text,
  state: v.string(),
  priority: v.number(),
  attempts: v.number(),
  maxAttempts: v.number(),
  submittedAt: v.string(),
  runAt: text,
  startedAt: text,
  finishedAt: text,
  labels: v.record(v.string(), v.string()),
  note: text,
  cron: text,
  progress: v.optional(v.looseObject({ done: v.number(), total: number, message: text })),
  peer: text,
  lease: v.optional(
    v.looseObject({ worker: v.string(), token: v.string(), isCancelling: v.boolean() }),
  ),
  error: v.optional(FaultSchema),
  history: v.optional(
    v.array(v.looseObject({ at: v.string(), type: v.string(), cid: v.string() })),
  ),
});

const PageSchema: v.GenericSchema<unknown, TaskPage> = v.looseObject({
  tasks: v.array(TaskSchema),
  nextCursor: text,
  asOf: v.string(),
  stale: v.boolean(),
});

const SubmittedSchema: v.GenericSchema<unknown, SubmittedRow> = v.looseObject({
  taskId: v.string(),
  state: v.string(),
  queue: v.string(),
  duplicate: v.boolean(),
  position: number,
});

const OutcomeSchema: v.GenericSchema<unknown, OutcomeRow> = v.looseObject({
  taskId: v.string(),
  state: v.string(),
  result: v.optional(v.unknown()),
  resultCid: text,
  error: v.optional(FaultSchema),
});

const WorkersSchema: v.GenericSchema<unknown, { readonly workers: readonly WorkerRow[] }> =
  v.looseObject({
    workers: v.array(
      v.looseObject({
        worker: v.string(),
        slots: number,
        host: text,
        running: v.number(),
        done: v.number(),
        failed: v.number(),
        stalled: v.number(),
        p50Ms: number,
        p99Ms: number,
        lastHeartbeat: v.string(),
      }),
    ),
  });

/** The answer of `p2p_taskqueue_task_status`. */
export const readTask = (answer: unknown): TaskRow =>
  readAnswer("p2p_taskqueue_task_status", TaskSchema, answer);

/** The answer of `p2p_taskqueue_list_tasks`. */
export const readTaskPage = (answer: unknown): TaskPage =>
  readAnswer("p2p_taskqueue_list_tasks", PageSchema, answer);

/** The answer of `p2p_taskqueue_submit`. */
export const readSubmitted = (answer: unknown): SubmittedRow =>
  readAnswer("p2p_taskqueue_submit", SubmittedSchema, answer);

/** The answer of `p2p_taskqueue_get_result`. */
export const readOutcome = (answer: unknown): OutcomeRow =>
  readAnswer("p2p_taskqueue_get_result", OutcomeSchema, answer);

/** The answer of `p2p_taskqueue_worker_stats`. */
export const readWorkers = (answer: unknown): readonly WorkerRow[] =>
  readAnswer("p2p_taskqueue_worker_stats", WorkersSchema, answer).workers;
