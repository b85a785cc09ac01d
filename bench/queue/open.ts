/** A queue and its tasks as the benchmarks use them. @module */

import { openQueueStore } from "../../runtimes/shared/queue/open-queue-store.ts";
import { systemClock } from "../../src/concurrency/clock.ts";
import { createMemoryQueueStore } from "../../src/queue/memory-store.ts";
import { Queue } from "../../src/queue/queue.ts";
import type { QueueStore } from "../../src/queue/queue-store.ts";
import { newTaskId } from "../../src/queue/task-id.ts";
import type { NewTask } from "../../src/queue/working-set.ts";

/** Open the queue at a place. */
export async function openBenchQueue(
  place: string,
): Promise<{ readonly queue: Queue; readonly store: QueueStore }> {
  const store = place === "memory" ? createMemoryQueueStore() : await openQueueStore(place);
  const queue = await Queue.open({
    ...{ name: "default", store, clock: systemClock, random: Math.random },
    limits: () => ({ leaseMs: 30_000, maxBacklog: 10_000_000 }),
    trouble: (what, error) => console.error(what, error),
  });
  return { queue, store };
}

/** A task as the submit tool makes one of a small call. */
export function newTask(n: number): NewTask {
  const now = Date.now();
  return {
    spec: {
      ...{ id: newTaskId(now), queue: "default", kind: "tool", tool: "add", input: { a: 1, b: n } },
      ...{ timeoutMs: 60_000, maxAttempts: 3, maxStalls: 3, requires: [], resultTtlMs: 3_600_000 },
      backoff: { initialMs: 1_000, factor: 2, maxMs: 60_000, jitter: 0.5 },
      ...{ caller: { id: "local", grant: null }, submittedAt: now, generation: 0 },
    },
    ...{ priority: 5, runAt: now, labels: {} },
  };
}
