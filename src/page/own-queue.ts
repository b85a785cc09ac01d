/**
 * A queue of the page's own: small, durable, and there again when the page is.
 *
 * It runs elsewhere, where files can be read at once (a dedicated worker); this is the page's side.
 *
 * @module
 */

import { systemClock } from "../concurrency/clock.ts";
import { DeadlineError } from "../errors.ts";
import type { Request } from "../queue/remote-source.ts";
import type { TaskInfo } from "../registry/task-views.ts";
import type { PageMesh } from "./page.ts";
import { type PausableWorker, startPageWorker } from "./page-worker.ts";
import type { PageTask, PageTaskRequest, PageWorker, PageWorkOptions } from "./queue.ts";
import { submittedTask } from "./submitted-task.ts";

/** How a page works its own queue. */
export interface OwnWorkOptions extends Pick<PageWorkOptions, "slots" | "kinds" | "abilities"> {
  /** Tools that are called for tasks of the kind `tool`; left out, none. */
  readonly tools?: readonly string[] | undefined;
  /** Calls them: `mesh.call`. */
  readonly call?: PageMesh["call"] | undefined;
}

/** A queue of the page's own. */
export interface OwnQueue extends AsyncDisposable {
  /** Resolves when the task is durable. */
  submit(request: PageTaskRequest): Promise<PageTask>;
  /** A task that was submitted before. */
  task(taskId: string): PageTask;
  /** Newest first. */
  list(query?: {
    readonly state?: TaskInfo["state"];
    readonly limit?: number;
  }): Promise<readonly TaskInfo[]>;
  /** What makes a task durable, in a few words. */
  durability(): Promise<string>;
  work(options?: OwnWorkOptions): PageWorker;
  /** What runs is given back; tasks stay. */
  close(): Promise<void>;
}

/** Where a queue runs. */
export interface OwnQueueNeeds {
  readonly request: Request;
  /** Let the queue go. */
  readonly close: () => Promise<void>;
  readonly onWake: (woken: () => void) => () => void;
  readonly onLeave: (left: () => void) => () => void;
  readonly trouble: (what: string, error: unknown) => void;
}

const QUEUE = "default";
const PEER = "page";

/** The page's side of a queue. */
export function createOwnQueue({ request, ...needs }: OwnQueueNeeds): OwnQueue {
  const stopping = new AbortController();
  const workers = new Set<PausableWorker>();
  const follow = (taskId: string): PageTask =>
    submittedTask({
      ...{ taskId, queue: QUEUE, peer: PEER, clock: systemClock, stopping: stopping.signal },
      ask: request,
      large: async () => (await request("result", { taskId })).value,
    });
  const offs = [
    needs.onWake(() => {
      for (const worker of workers) worker.resume();
    }),
    needs.onLeave(() => {
      for (const worker of workers) worker.pause();
    }),
  ];
  const queue: OwnQueue = {
    async submit(task) {
      const { taskId } = await request("p2p_taskqueue_submit", { kind: "tool", ...task });
      return follow(String(taskId));
    },
    task: follow,
    async list(query = {}) {
      const { tasks } = await request("p2p_taskqueue_list_tasks", { limit: 100, ...query });
      return tasks as readonly TaskInfo[];
    },
    durability: async () => String((await request("p2p_taskqueue_status", {})).durability),
    work({ call, ...options } = {}) {
      const worker: PausableWorker = startPageWorker(
        {
          ...{ name: `page-${workers.size + 1}`, peer: PEER, request, clock: systemClock },
          toolNames: () => (call ? (options.tools ?? []) : []),
          async call({ tool, input, signal, events }) {
            const hooks = { signal: signal?.(), onProgress: events?.progress };
            if (!call) throw new Error(`nothing calls "${tool}"`);
            return call(tool, input as object, hooks);
          },
          stopped: () => workers.delete(worker),
          trouble: needs.trouble,
        },
        options,
      );
      workers.add(worker);
      return worker;
    },
    async close() {
      for (const off of offs) off();
      await Promise.all([...workers].map((worker) => worker.stop(0)));
      stopping.abort(new DeadlineError("cancelled", "The queue is closed"));
      await needs.close();
    },
    [Symbol.asyncDispose]: () => queue.close(),
  };
  return queue;
}
