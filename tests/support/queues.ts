/** Queues for tests: tasks of few words, a clock that stands still, chance that is none. @module */

import { blockOf } from "../../src/ipld/block.ts";
import type { Result } from "../../src/queue/commands/settle.ts";
import { Queue } from "../../src/queue/queue.ts";
import type { QueueStore } from "../../src/queue/queue-store.ts";
import type { QueueLimits } from "../../src/queue/queue-types.ts";
import type { Task, TaskSpec, Token } from "../../src/queue/task.ts";
import type { NewTask } from "../../src/queue/working-set.ts";
import { createFakeClock, type FakeClock } from "./fake-clock.ts";

/** How long a lease lasts in tests. */
export const LEASE_MS = 30_000;

let made = 0;

/** A task that is ready at once; what a test cares for, it gives. */
export function newTask(
  spec: Partial<TaskSpec> = {},
  { at = 0, ...more }: Partial<Omit<NewTask, "spec">> & { readonly at?: number } = {},
): NewTask {
  made += 1;
  return {
    spec: {
      id: `task-${made}`,
      queue: "default",
      kind: "test",
      input: { n: made },
      timeoutMs: 60_000,
      maxAttempts: 3,
      maxStalls: 3,
      backoff: { initialMs: 1_000, factor: 2, maxMs: 60_000, jitter: 0 },
      requires: [],
      resultTtlMs: 3_600_000,
      caller: { id: "local", grant: null },
      submittedAt: at,
      generation: 0,
      ...spec,
    },
    priority: 5,
    runAt: at,
    labels: {},
    ...more,
  };
}

/** A queue in the hands of a test. */
export interface TestQueue {
  readonly queue: Queue;
  readonly clock: FakeClock;
  /** What went wrong in the background. */
  readonly troubles: string[];
  /** Lease what there is to do, without waiting. */
  claim(worker?: string, max?: number): Promise<readonly Task[]>;
  /** Lease the next one, which there must be. */
  take(worker?: string): Promise<Task & { readonly token: Token }>;
}

/** Time stands still while one of these stores, which may be on another machine, is asked something. */
export function watchStores(...stores: readonly QueueStore[]): {
  readonly stores: readonly QueueStore[];
  readonly clock: FakeClock;
} {
  let asked = 0;
  const watch = <T extends object>(one: T): T =>
    new Proxy(one, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value === "object" && value !== null) return watch(value);
        if (typeof value !== "function") return value;
        return (...args: readonly unknown[]) => {
          const answer: unknown = Reflect.apply(value, target, args);
          if (!(answer instanceof Promise)) return answer;
          asked += 1;
          return answer.finally(() => {
            asked -= 1;
          });
        };
      },
    });
  const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
  const settle = async (): Promise<void> => {
    await turn();
    // What comes of an answer may be the next question.
    for (let quiet = 0; quiet < 2; quiet = asked === 0 ? quiet + 1 : 0) await turn();
  };
  return { stores: stores.map(watch), clock: createFakeClock(undefined, settle) };
}

/** Open a queue over a store. */
export async function openQueue(
  store: QueueStore,
  {
    clock = createFakeClock(),
    name = "default",
    limits = {},
  }: {
    readonly clock?: FakeClock;
    readonly name?: string;
    readonly limits?: Partial<QueueLimits>;
  } = {},
): Promise<TestQueue> {
  const troubles: string[] = [];
  const queue = await Queue.open({
    ...{ name, store, clock, random: () => 0.5 },
    limits: () => ({ leaseMs: LEASE_MS, maxBacklog: 1_000_000, ...limits }),
    trouble: (what, error) => troubles.push(`${what}: ${error}`),
  });
  const claim: TestQueue["claim"] = (worker = "w1", max = 1) =>
    queue.claim({ worker, max, waitMs: 0, can: () => true });
  return {
    queue,
    clock,
    troubles,
    claim,
    async take(worker) {
      const [task] = await claim(worker);
      if (!task) throw new Error("there is nothing to claim");
      return task;
    },
  };
}

/** A small result. */
export function resultOf(value: unknown): Result {
  return { cid: blockOf(value).cid.toString(), value };
}

/** The ids of tasks. */
export const idsOf = (tasks: readonly Task[]): string[] => tasks.map(({ spec }) => spec.id);
