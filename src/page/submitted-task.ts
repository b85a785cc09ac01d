/** A task in the queue of a server, as a page follows it. @module */

import type { Clock } from "../concurrency/clock.ts";
import { errorOfReport, ToolError, UnavailableError } from "../errors.ts";
import { isFinal } from "../queue/task.ts";
import type { TaskInfo, TaskOutcome } from "../registry/task-views.ts";
import type { PageTask } from "./queue.ts";

/** Calls a tool of the server that has the task, and answers with what the tool structured. */
export type AskQueue = (
  tool: string,
  input: Readonly<Record<string, unknown>>,
  signal?: AbortSignal,
) => Promise<unknown>;

/** What following a task needs. */
export interface SubmittedTaskNeeds extends Pick<PageTask, "taskId" | "queue" | "peer"> {
  readonly ask: AskQueue;
  /** The result of a finished call, however large; `undefined` where the server has no such way. */
  readonly large: () => Promise<unknown>;
  readonly clock: Clock;
  /** Fires when the page leaves the mesh. */
  readonly stopping: AbortSignal;
}

/** How long one request waits for the end. */
const WAIT_MS = 20_000;
/** Between two looks at a task that changes, and at one that does not. */
const LOOK_MS = 250;
const MAX_LOOK_MS = 2_000;
/** How soon a server that did not answer is asked again, and at the latest. */
const RETRY_MS = 500;
const MAX_RETRY_MS = 10_000;

/** Follow a task. */
export function submittedTask(needs: SubmittedTaskNeeds): PageTask {
  const { taskId, queue, peer } = needs;
  const place = { taskId, queue };
  /** Asks until it is answered: a task outlives the server's absence. */
  const ask = <T>(tool: string, input: object, signal?: AbortSignal): Promise<T> =>
    persist(needs, (until) => needs.ask(tool, { ...place, ...input }, until), signal) as Promise<T>;
  const status = (signal?: AbortSignal): Promise<TaskInfo> =>
    ask("p2p_taskqueue_task_status", {}, signal);
  const outcome = (waitMs: number, signal?: AbortSignal): Promise<TaskOutcome> =>
    ask("p2p_taskqueue_get_result", { waitMs }, signal);
  return {
    ...{ taskId, queue, peer },
    status: ({ signal } = {}) => status(signal),
    async *events({ signal } = {}) {
      let told: string | undefined;
      let waitMs = LOOK_MS;
      for (;;) {
        const task = await status(signal);
        const text = textOf(task);
        waitMs = text === told ? Math.min(waitMs * 2, MAX_LOOK_MS) : LOOK_MS;
        if (text !== told) yield task;
        if (isFinal(task)) return;
        told = text;
        // Its end is told at once; nothing else is.
        await outcome(waitMs, signal);
      }
    },
    async result({ signal } = {}) {
      for (;;) {
        const over = await outcome(WAIT_MS, signal);
        if (isFinal(over)) return broughtBy(needs, over);
      }
    },
    async cancel(reason) {
      await ask("p2p_taskqueue_cancel", reason === undefined ? {} : { reason });
    },
  };
}

async function broughtBy(needs: SubmittedTaskNeeds, over: TaskOutcome): Promise<unknown> {
  const { taskId, state, result, resultCid, error } = over;
  if (state !== "done") {
    const message = error?.message ?? `Task ${taskId} is ${state}`;
    throw (error && errorOfReport(error)) ?? new ToolError("tool_failed", message);
  }
  if (result !== undefined || resultCid === undefined) return result;
  const large = await needs.large();
  if (large !== undefined) return large;
  const message = `The result of task ${taskId} is too large to be told with the task: its server keeps it under ${resultCid}`;
  throw new ToolError("too_large", message, { data: { taskId, resultCid } });
}

async function persist(
  { clock, stopping }: SubmittedTaskNeeds,
  request: (signal: AbortSignal) => Promise<unknown>,
  given: AbortSignal | undefined,
): Promise<unknown> {
  const signal = given ? AbortSignal.any([given, stopping]) : stopping;
  for (let failures = 0; ; failures += 1) {
    signal.throwIfAborted();
    try {
      return await request(signal);
    } catch (error) {
      if (signal.aborted || !(error instanceof UnavailableError)) throw error;
      await clock.sleep(Math.min(MAX_RETRY_MS, RETRY_MS * 2 ** failures), signal);
    }
  }
}

/** What makes a task another: that a lease goes by is nothing new. */
function textOf({ lease, ...task }: TaskInfo): string {
  return JSON.stringify([task, lease?.token, lease?.isCancelling]);
}
