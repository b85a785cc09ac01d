import * as v from "valibot";
import { defineTool, type QueueStatus, type Tool, type WorkerInfo } from "../../src/tool.ts";
import { answer, placeEntries } from "./schemas.ts";
import { number, text, workerSchema } from "./task-schemas.ts";

const NAME = "p2p_taskqueue_status";

/** A status whose details name the workers. */
interface Status extends Omit<QueueStatus, "detail"> {
  readonly detail?: NonNullable<QueueStatus["detail"]> & {
    readonly byWorker: readonly WorkerInfo[];
  };
}

const statusSchema: v.GenericSchema<Status> = v.object({
  queue: v.string(),
  healthy: v.boolean(),
  owner: text("Peer id of the owner; local where there is no mesh"),
  epoch: number("Grows with each owner, and each start of one"),
  durability: text("What makes an answer durable"),
  counts: v.pipe(
    v.object({
      scheduled: v.number(),
      ready: v.number(),
      leased: v.number(),
      done: v.number(),
      failed: v.number(),
      cancelled: v.number(),
      dead: v.number(),
    }),
    v.description("Tasks by state"),
  ),
  draining: v.pipe(v.boolean(), v.description("No task is given out any more")),
  backlogAgeMs: number("How long the next task waits already"),
  workers: v.number(),
  detail: v.exactOptional(
    v.object({
      claimable: v.pipe(
        v.array(
          v.object({
            kind: v.string(),
            tool: v.exactOptional(v.string()),
            requires: v.array(v.string()),
            count: v.number(),
          }),
        ),
        v.description("Tasks that wait for a worker, by what it must be able to do"),
      ),
      byWorker: v.array(workerSchema),
      storeBytes: v.exactOptional(v.number()),
      lastCommitMs: v.exactOptional(number("How long the last commit took")),
      events: number("Events in the log"),
      commits: v.number(),
      head: v.exactOptional(text("CID of the header of the last commit")),
    }),
  ),
});

/** Show how a queue is doing. */
export const taskqueueStatus: Tool = defineTool({
  name: NAME,
  title: "Show the queue's state",
  description: "Show how a task queue is doing: tasks by state, age of the backlog, owner, workers",
  details:
    "Counts are kept, not counted, so asking is cheap at any size. With detail also what waits by " +
    "kind, each worker, the size of the store, and how long the last commit took, in ms.",
  input: v.object({
    ...placeEntries,
    detail: v.optional(
      v.pipe(v.boolean(), v.description("Also by kind and worker, and the store")),
      false,
    ),
  }),
  output: statusSchema,
  annotations: { readOnlyHint: true, openWorldHint: false },
  routing: { runtime: "local" },
  example: { detail: true },
  run: (input, context) =>
    answer(NAME, input, context, async (tasks, scope, { detail: isDetailed }): Promise<Status> => {
      const { detail, ...status } = await tasks.status(scope, isDetailed);
      if (!detail) return status;
      return { ...status, detail: { ...detail, byWorker: await tasks.workers(scope) } };
    }),
});
