/**
 * What tools, HTTP and the command line see of the task queue. Satisfied by `src/queue`; types only.
 *
 * Times are ISO-8601, spans ms. Whoever has not the ability `admin` sees only what it submitted itself.
 *
 * @module
 */

import type { Caller } from "./caller.ts";
import type { CallResult } from "./result.ts";
import type {
  QueueStatus,
  TaskHistoryEntry,
  TaskInfo,
  TaskOutcome,
  TaskProgressInfo,
  TaskRequest,
  TaskStateName,
  TaskToken,
  WorkerInfo,
} from "./task-views.ts";

/** Whom a request is from, and which queue it is for. */
export interface TaskScope {
  readonly caller: Caller;
  readonly queue: string;
}

/** The queues of this server. */
export interface Tasks {
  submit(
    scope: TaskScope,
    request: TaskRequest,
    signal: AbortSignal,
  ): Promise<{
    readonly task: TaskInfo;
    readonly isDuplicate: boolean;
    readonly owner: string;
    /** Claimable tasks before it, plus one; missing where it is not claimable yet. */
    readonly position?: number;
  }>;
  status(scope: TaskScope, isDetailed: boolean): Promise<QueueStatus>;
  task(scope: TaskScope, taskId: string): Promise<TaskInfo>;
  history(scope: TaskScope, taskId: string): Promise<readonly TaskHistoryEntry[]>;
  /** Waits up to `waitMs` for it to be over. */
  outcome(
    scope: TaskScope,
    taskId: string,
    waitMs: number,
    signal: AbortSignal,
  ): Promise<TaskOutcome>;
  /** The result of a task that is done, however large. */
  result(scope: TaskScope, taskId: string): Promise<unknown>;
  list(
    scope: TaskScope,
    query: {
      readonly state?: TaskStateName | undefined;
      readonly kind?: string | undefined;
      readonly label?: string | undefined;
      readonly groupKey?: string | undefined;
      /** ISO-8601. */
      readonly since?: string | undefined;
      readonly limit: number;
      readonly cursor?: string | undefined;
    },
  ): Promise<{
    readonly tasks: readonly TaskInfo[];
    readonly nextCursor?: string;
    readonly asOf: string;
    readonly stale: boolean;
  }>;
  cancel(
    scope: TaskScope,
    taskId: string,
    options: { readonly reason?: string | undefined; readonly graceMs?: number | undefined },
  ): Promise<TaskInfo>;
  update(
    scope: TaskScope,
    taskId: string,
    change: {
      readonly labels?: Readonly<Record<string, string>> | undefined;
      readonly note?: string | undefined;
      readonly progress?: TaskProgressInfo | undefined;
      readonly token?: TaskToken | undefined;
    },
  ): Promise<TaskInfo>;
  /** Answers to what its handler asks, by key; what it does not ask, or no more, is left aside. */
  answer(
    scope: TaskScope,
    taskId: string,
    answers: Readonly<Record<string, unknown>>,
  ): Promise<TaskInfo>;
  resubmit(
    scope: TaskScope,
    taskId: string,
    isFresh: boolean,
  ): Promise<{
    readonly task: TaskInfo;
    readonly previousTaskId: string;
    readonly generation: number;
  }>;
  prioritize(
    scope: TaskScope,
    taskId: string,
    priority: number,
  ): Promise<{
    readonly task: TaskInfo;
    readonly oldPriority: number;
    readonly position?: number;
  }>;
  workers(scope: TaskScope, worker?: string): Promise<readonly WorkerInfo[]>;
  heartbeat(
    scope: TaskScope,
    worker: string,
    leases: readonly { readonly taskId: string; readonly token: TaskToken }[],
  ): Promise<{
    readonly extended: readonly string[];
    readonly lost: readonly string[];
    readonly cancelRequested: readonly string[];
    readonly drain: boolean;
  }>;
  /** Stop claiming; what runs finishes, or is given back after `graceMs`. */
  shutdown(
    scope: TaskScope,
    options: { readonly drain: boolean; readonly graceMs: number },
    signal: AbortSignal,
  ): Promise<{ readonly finished: number; readonly released: number; readonly state: string }>;
  /** Tell each change of a task that the caller may see, until the signal fires. */
  watch(scope: TaskScope, changed: (task: TaskInfo) => void, signal: AbortSignal): void;
  /**
   * The same tool at the server that has the queues, where this one has none of its own: it shares
   * a data folder with that server, or is at home there. `undefined` where they are here.
   */
  elsewhere(): Promise<
    | ((
        tool: string,
        input: Readonly<Record<string, unknown>>,
        context: { readonly caller: Caller; readonly signal: AbortSignal },
      ) => Promise<CallResult>)
    | undefined
  >;
  /** The same tool at a peer. */
  forward(
    peer: string,
    tool: string,
    input: Readonly<Record<string, unknown>>,
    context: { readonly caller: Caller; readonly signal: AbortSignal },
  ): Promise<CallResult>;
}
