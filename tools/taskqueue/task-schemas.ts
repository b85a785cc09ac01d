/** What the tools of the task queue answer. @module */

import * as v from "valibot";
import type {
  TaskFault,
  TaskHistoryEntry,
  TaskInfo,
  TaskOutcome,
  WorkerInfo,
} from "../../src/tool.ts";
import { progressSchema, STATES } from "./schemas.ts";

/** A number with a word on its unit or meaning. */
export const number = (description: string): v.GenericSchema<number> =>
  v.pipe(v.number(), v.description(description));

/** A text with a word on its meaning. */
export const text = (description: string): v.GenericSchema<string> =>
  v.pipe(v.string(), v.description(description));

/** The state of a task. */
export const stateSchema: v.GenericSchema<TaskInfo["state"]> = v.picklist(STATES);

const faultSchema: v.GenericSchema<TaskFault> = v.object({
  code: v.string(),
  message: v.string(),
  data: v.exactOptional(v.record(v.string(), v.unknown())),
});

const taskEntries = {
  taskId: v.string(),
  queue: v.string(),
  kind: v.string(),
  tool: v.exactOptional(v.string()),
  state: stateSchema,
  priority: v.number(),
  attempts: number("Times it was leased"),
  maxAttempts: v.number(),
  stalls: number("Attempts whose worker was lost"),
  generation: number("How often it was submitted again"),
  previousTaskId: v.exactOptional(text("The task that this one repeats")),
  submittedBy: v.string(),
  submittedAt: v.string(),
  runAt: v.exactOptional(text("Not before; none where it waits for something else than a moment")),
  startedAt: v.exactOptional(v.string()),
  finishedAt: v.exactOptional(v.string()),
  updatedAt: v.string(),
  groupKey: v.exactOptional(v.string()),
  session: v.exactOptional(v.string()),
  labels: v.record(v.string(), v.string()),
  note: v.exactOptional(v.string()),
  requires: v.array(v.string()),
  cron: v.exactOptional(text("It comes back at these moments")),
  progress: v.exactOptional(progressSchema),
  peer: v.exactOptional(text("In whose queue it is worked")),
  lease: v.exactOptional(
    v.object({
      worker: v.string(),
      token: text("Right to this attempt, as epoch.attempt"),
      epoch: v.number(),
      leftMs: v.exactOptional(number("Until another worker may have it")),
      isCancelling: v.pipe(v.boolean(), v.description("Its worker was asked to stop")),
    }),
  ),
  error: v.exactOptional(faultSchema),
  asks: v.exactOptional(
    v.pipe(
      v.object({ round: v.number(), questions: v.record(v.string(), v.unknown()) }),
      v.description("What its handler asks whoever submitted it, by MCP's tasks/update"),
    ),
  ),
  keptUntil: v.exactOptional(text("It may be forgotten then")),
  log: v.exactOptional(
    v.pipe(v.array(v.string()), v.description("The last lines of its handlers; not in lists")),
  ),
};

/** Checks and describes a {@link TaskInfo}. */
export const taskSchema: v.GenericSchema<TaskInfo> = v.object(taskEntries);

const historySchema: v.GenericSchema<TaskHistoryEntry> = v.object({
  number: number("Place in the log of the queue"),
  at: v.string(),
  type: v.string(),
  cid: text("CID of the event's dag-cbor"),
  commit: text("CID of the header of the commit that holds it"),
  facts: v.record(v.string(), v.unknown()),
});

/** Checks and describes a {@link TaskOutcome}. */
export const outcomeSchema: v.GenericSchema<TaskOutcome> = v.object({
  taskId: v.string(),
  state: stateSchema,
  result: v.exactOptional(v.unknown()),
  error: v.exactOptional(faultSchema),
  resultCid: v.exactOptional(text("CID of the result's dag-cbor; alone, where it is over 64 KiB")),
  durationMs: number("From its first start to its end, or to now"),
  attempts: v.number(),
});

/** Checks and describes a {@link WorkerInfo}. */
export const workerSchema: v.GenericSchema<WorkerInfo> = v.object({
  worker: v.string(),
  slots: v.exactOptional(number("Tasks that it works at once")),
  host: v.exactOptional(v.string()),
  version: v.exactOptional(v.string()),
  running: v.number(),
  done: v.number(),
  failed: number("Attempts that failed"),
  stalled: number("Leases that ran out"),
  p50Ms: v.exactOptional(number("Of its last 512 attempts")),
  p99Ms: v.exactOptional(v.number()),
  lastHeartbeat: v.string(),
});

/** A task, and what happened to it. */
export interface TaskWithHistory extends TaskInfo {
  readonly history?: readonly TaskHistoryEntry[];
}

/** Checks and describes a {@link TaskWithHistory}. */
export const taskWithHistorySchema: v.GenericSchema<TaskWithHistory> = v.object({
  ...taskEntries,
  history: v.exactOptional(v.array(historySchema)),
});
