/** Tasks of a page, as its program sees them: types only. @module */

import type { TaskHandler } from "../registry/task-handler.ts";
import type { TaskInfo, TaskRequest } from "../registry/task-views.ts";

/** Which queue is meant. */
export interface PageQueuePlace {
  /** A server by its id, name or address; left out, the best that is connected and has queues. */
  readonly peer?: string | undefined;
  /** Left out, `default`. */
  readonly queue?: string | undefined;
}

/** A task for the queue of a server; what is left out, that server's settings say. */
export interface PageTaskRequest extends Omit<TaskRequest, "kind" | "opening"> {
  /** `tool` calls a tool, which is the default; any other kind is for workers that know it. */
  readonly kind?: string | undefined;
}

/** What waits can be given up; the task itself goes on. */
interface Waiting {
  readonly signal?: AbortSignal | undefined;
}

/** A task in the queue of a server. It is there still when the page is gone. */
export interface PageTask {
  readonly taskId: string;
  readonly queue: string;
  /** The server that has it. */
  readonly peer: string;
  /** The task as it is now. */
  status(options?: Waiting): Promise<TaskInfo>;
  /** The task as it is now, and again whenever it has changed, until it is over. */
  events(options?: Waiting): AsyncIterable<TaskInfo>;
  /** What it brought: waits for its end, and throws where that is a failure. */
  result(options?: Waiting): Promise<unknown>;
  /** At once while it waits; its worker is asked while it runs. */
  cancel(reason?: string): Promise<void>;
}

/** How a page works tasks. */
export interface PageWorkOptions extends PageQueuePlace {
  /** Tasks at once; left out, 1. */
  readonly slots?: number | undefined;
  /** Tools to work, by name; left out, all that the page offers. */
  readonly tools?: readonly string[] | undefined;
  /** Handlers for kinds of its own. */
  readonly kinds?: Readonly<Record<string, TaskHandler>> | undefined;
  /** What tasks may require of their worker, e.g. `camera`. */
  readonly abilities?: readonly string[] | undefined;
}

/** A page that works tasks. */
export interface PageWorker {
  readonly peer: string;
  readonly queue: string;
  /** Tasks that it works on. */
  readonly size: number;
  /** Claim no more; what runs may finish for `graceMs` (2 s), and is given back then. */
  stop(graceMs?: number): Promise<{ readonly finished: number; readonly released: number }>;
}

/** The task queues of servers. */
export interface PageQueue {
  /** Resolves when the task is durable. */
  submit(request: PageTaskRequest, options?: PageQueuePlace & Waiting): Promise<PageTask>;
  /** A task that was submitted before, perhaps by the page before it was loaded again. */
  task(taskId: string, options: PageQueuePlace & { readonly peer: string }): PageTask;
  /**
   * Work tasks of a server's queue with the page's tools. Whoever may submit tasks there has them
   * run here, whatever `allow` says; the server must have given this page the ability `worker`.
   */
  work(options?: PageWorkOptions): Promise<PageWorker>;
}
