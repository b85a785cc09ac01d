/**
 * A page's own queue, in a dedicated worker: the whole queue over its store, asked by messages.
 *
 * A message is `[id, method, params]`, its answer `[id, { value } or { error }]`; `[id]` takes it back.
 *
 * @module
 */

import { systemClock } from "../../../src/concurrency/clock.ts";
import { InputError, reportOf, UnavailableError } from "../../../src/errors.ts";
import { createLocalSource } from "../../../src/queue/local-source.ts";
import { Queue } from "../../../src/queue/queue.ts";
import { createTaskService } from "../../../src/queue/service.ts";
import { workerMethods } from "../../../src/queue/worker-methods.ts";
import { localCaller } from "../../../src/registry/caller.ts";
import type { TaskRequest } from "../../../src/registry/task-views.ts";
import type { Tasks } from "../../../src/registry/tasks.ts";
import { openOpfsQueueStore } from "./opfs-queue-store.ts";

type Params = Readonly<Record<string, unknown>>;
type Method = (params: Params, context: { readonly signal: AbortSignal }) => Promise<unknown>;

const QUEUE = "default";

/** A hidden tab's timers ring once a minute: it must have time to say that it is there. */
const LEASE_MS = 180_000;

const DEFAULTS = {
  ...{ timeoutMs: 600_000, maxAttempts: 3, maxStalls: 5, resultTtlMs: 86_400_000 },
  backoff: { initialMs: 1_000, factor: 2, maxMs: 300_000, jitter: 0.5 },
};

const MAX_BACKLOG = 100_000;

async function open(name: string): Promise<ReadonlyMap<string, Method>> {
  const store = await openOpfsQueueStore(name);
  const clock = systemClock;
  const queue = await Queue.open({
    ...{ name: QUEUE, store, clock, random: Math.random },
    limits: () => ({ leaseMs: LEASE_MS, maxBacklog: MAX_BACKLOG }),
    // biome-ignore lint/suspicious/noConsole: a page's log is its console
    trouble: (what, error) => console.debug("queue:", what, error),
  });
  const tasks = createTaskService({
    ...{ store, clock, newId: () => crypto.randomUUID(), defaults: () => DEFAULTS },
    queue: async () => queue,
    owner: () => "page",
    checkTool: async () => {},
    workers: { drain: async () => ({ finished: 0, released: 0 }) },
    forward: async (peer) => {
      throw new UnavailableError("runtime_unavailable", `The page's own queue is not at ${peer}`);
    },
  });
  const source = createLocalSource(queue, () => LEASE_MS);
  const works = [...workerMethods(async () => source)].map(
    ([method, run]) =>
      [method, (params, { signal }) => run(params, { caller: localCaller, signal })] as const,
  ) satisfies readonly (readonly [string, Method])[];
  const close: Method = async () => {
    await queue.close();
    await store.close();
  };
  return new Map<string, Method>([...works, ...asked(tasks), ["close", close]]);
}

const scope = { caller: localCaller, queue: QUEUE };

const idOf = ({ taskId }: Params): string => String(taskId);

function asked(tasks: Tasks): readonly (readonly [string, Method])[] {
  return [
    [
      "p2p_taskqueue_submit",
      // The page's own code is what asks, so its types are what was checked.
      async (params, { signal }) =>
        (await tasks.submit(scope, params as unknown as TaskRequest, signal)).task,
    ],
    ["p2p_taskqueue_task_status", (params) => tasks.task(scope, idOf(params))],
    [
      "p2p_taskqueue_get_result",
      (params, { signal }) => tasks.outcome(scope, idOf(params), Number(params.waitMs), signal),
    ],
    [
      "p2p_taskqueue_cancel",
      ({ reason, ...params }) =>
        tasks.cancel(scope, idOf(params), typeof reason === "string" ? { reason } : {}),
    ],
    [
      "p2p_taskqueue_list_tasks",
      (query) => tasks.list(scope, query as unknown as Parameters<Tasks["list"]>[1]),
    ],
    ["p2p_taskqueue_status", () => tasks.status(scope, false)],
    ["result", async (params) => ({ value: shown(await tasks.result(scope, idOf(params))) })],
  ];
}

/** As a result is told that is not large. */
function shown(result: unknown): unknown {
  const { structuredContent } = (result ?? {}) as { readonly structuredContent?: unknown };
  return structuredContent ?? result;
}

let opening: Promise<ReadonlyMap<string, Method>> | undefined;
const running = new Map<number, AbortController>();

async function answer(method: string, params: Params, signal: AbortSignal): Promise<unknown> {
  if (method === "open") opening ??= open(String(params.name));
  const methods = await opening;
  if (method === "open") return {};
  const run = methods?.get(method);
  if (run) return (await run(params, { signal })) ?? {};
  throw new InputError("method_not_allowed", `The queue of a page has no "${method}"`);
}

globalThis.addEventListener("message", async ({ data }: MessageEvent) => {
  const [id, method, params] = data as readonly [number, string | undefined, Params];
  if (method === undefined) return running.get(id)?.abort();
  const controller = new AbortController();
  running.set(id, controller);
  try {
    postMessage([id, { value: await answer(method, params, controller.signal) }]);
  } catch (error) {
    postMessage([id, { error: reportOf(error) }]);
  } finally {
    running.delete(id);
  }
});
