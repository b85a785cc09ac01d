/** The tools of the task queue over a real queue, on a clock that stands still. @module */

import { createMemoryQueueStore } from "../../src/queue/memory-store.ts";
import type { QueueStore } from "../../src/queue/queue-store.ts";
import { createTaskService } from "../../src/queue/service.ts";
import type { Caller } from "../../src/registry/caller.ts";
import type { Peers } from "../../src/registry/peers.ts";
import type { CallResult } from "../../src/registry/result.ts";
import type { Tasks } from "../../src/registry/tasks.ts";
import { tools } from "../../tools/taskqueue/mod.ts";
import { openQueue, type TestQueue, watchStores } from "./queues.ts";
import type { Cleanup } from "./temp-folder.ts";
import { createToolScene } from "./tool-context.ts";

/** What a test may bring of its own. */
export interface TaskSceneOptions {
  /** Left out, a new one in memory; it is closed with the test. */
  readonly store?: QueueStore;
  readonly peers?: Peers;
  readonly caller?: Caller;
  readonly forward?: Tasks["forward"];
  readonly elsewhere?: Tasks["elsewhere"];
  readonly checkTool?: (tool: string) => Promise<void>;
}

/** A call by the last part of the tool's name. */
export type TaskCall = (
  name: string,
  input?: Record<string, unknown>,
) => Promise<Record<string, unknown>>;

/** A queue and its tools. */
export interface TaskScene extends TestQueue {
  readonly call: TaskCall;
  /** The same, as somebody else. */
  readonly callAs: (caller: Caller) => TaskCall;
  readonly tasks: Tasks;
  /** Times that workers were asked to stop. */
  readonly drains: number[];
}

/** A service over a queue in memory. */
export async function createTasks(
  options: TaskSceneOptions = {},
): Promise<TestQueue & { readonly tasks: Tasks; readonly drains: number[] }> {
  const watched = watchStores(options.store ?? createMemoryQueueStore());
  const [store = createMemoryQueueStore()] = watched.stores;
  const queue = await openQueue(store, { clock: watched.clock });
  const drains: number[] = [];
  let made = 0;
  const backoff = { initialMs: 1_000, factor: 2, maxMs: 60_000, jitter: 0 };
  const service = createTaskService({
    ...{ store, clock: queue.clock, queue: async () => queue.queue, owner: () => "local" },
    newId: () => `id-${++made}`,
    defaults: () => ({
      ...{ timeoutMs: 60_000, maxAttempts: 3, maxStalls: 3, resultTtlMs: 3_600_000, backoff },
    }),
    checkTool: options.checkTool ?? (async () => {}),
    workers: {
      async drain(graceMs) {
        drains.push(graceMs);
        return { finished: 2, released: 1 };
      },
    },
    forward: options.forward ?? (() => Promise.reject(new Error("there is no peer"))),
  });
  const tasks = options.elsewhere
    ? new Proxy(service, {
        get: (target, name) =>
          name === "elsewhere" ? options.elsewhere : Reflect.get(target, name, target),
      })
    : service;
  return { ...queue, tasks, drains };
}

/** Tools over such a service. */
export async function createTaskScene(
  t: Cleanup,
  options: TaskSceneOptions = {},
): Promise<TaskScene> {
  const made = await createTasks(options);
  t.after(async () => {
    await made.queue.close();
    await options.store?.close();
  });
  const { peers, caller } = options;
  const { context } = await createToolScene(t, {
    tasks: made.tasks,
    ...(peers && { peers }),
    ...(caller && { caller }),
  });
  const callWith =
    (own: typeof context): TaskCall =>
    async (name, input = {}) => {
      const tool = tools.find((one) => one.name === `p2p_taskqueue_${name}`);
      if (!tool) throw new Error(`There is no ${name}`);
      const { structuredContent } = await tool.run(tool.parse(input), own);
      return structuredContent as Record<string, unknown>;
    };
  return {
    ...made,
    call: callWith(context),
    callAs: (caller) => callWith({ ...context, caller }),
  };
}

/** What a peer's tool answers with. */
export function answered(structuredContent: object): CallResult {
  return {
    content: [{ type: "text", text: JSON.stringify(structuredContent) }],
    structuredContent,
  };
}
