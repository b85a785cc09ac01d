import { describe, it } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { UnavailableError } from "../../../src/errors.ts";
import { createLocalSource } from "../../../src/queue/local-source.ts";
import { createManySources } from "../../../src/queue/many-sources.ts";
import { createMemoryQueueStore } from "../../../src/queue/memory-store.ts";
import type { ClaimMessage, TaskSource } from "../../../src/queue/task-source.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import { LEASE_MS, newTask, openQueue, type TestQueue } from "../../support/queues.ts";

const message: ClaimMessage = {
  ...{ worker: "w", slots: 2, max: 1, waitMs: 10_000 },
  ...{ kinds: ["test"], tools: "*", abilities: [] },
};
const signal = new AbortController().signal;

const gone: TaskSource = new Proxy({} as TaskSource, {
  get: () => () => Promise.reject(new UnavailableError("peer_unreachable", "it is gone")),
});

async function scene(depths: readonly number[], random = 0) {
  const clock = createFakeClock();
  const queues: TestQueue[] = [];
  for (const [at, depth] of depths.entries()) {
    const test = await openQueue(createMemoryQueueStore(), { clock });
    for (let n = 0; n < depth; n += 1) await test.queue.submit(newTask({ id: `${at}.${n}` }));
    queues.push(test);
  }
  const owned = queues.map(({ queue }, at) => ({
    owner: `owner ${at}`,
    source: createLocalSource(queue, () => LEASE_MS),
  }));
  return {
    clock,
    queues,
    owned,
    sources: createManySources(owned, { clock, random: () => random }),
  };
}

describe("createManySources()", () => {
  it("asks the one of two that has more to do, and names it", async () => {
    const { sources } = await scene([1, 3]);

    const { tasks, leaseMs } = await sources.claim(message, signal);

    assertEquals([tasks[0]?.id, tasks[0]?.owner, leaseMs], ["1.0", "owner 1", LEASE_MS]);
  });

  it("picks two of many by chance", async () => {
    const { sources } = await scene([1, 2, 9], 0);

    // Chance of 0: the first and the one that follows it.
    assertEquals((await sources.claim(message, signal)).tasks[0]?.owner, "owner 1");
  });

  it("listens to all where there is nothing, and leases of the one that wakes it", async () => {
    const { sources, queues } = await scene([0, 0, 0]);
    const claiming = sources.claim(message, signal);

    await queues[2]?.queue.submit(newTask({ id: "late" }));
    await queues[2]?.clock.advance(1_000);

    const { tasks } = await claiming;
    assertEquals([tasks[0]?.id, tasks[0]?.owner], ["late", "owner 2"]);
    assertEquals(
      queues.map(({ queue }) => queue.meta.counters.leased),
      [0, 0, 1],
    );
  });

  it("answers with nothing when the time is over", async () => {
    const { sources, clock } = await scene([0, 0]);
    const claiming = sources.claim(message, signal);

    await clock.advance(10_001);

    assertEquals((await claiming).tasks, []);
  });

  it("settles and beats where each task came from", async () => {
    const { sources, queues } = await scene([1, 2]);
    const [first] = (await sources.claim(message, signal)).tasks;
    const [second] = (await sources.claim(message, signal)).tasks;
    const held = [first, second].flatMap((task) => task ?? []);

    const beat = await sources.heartbeat({ worker: "w" }, held);
    for (const task of held) await sources.complete(task, { sum: 1 });

    assertEquals([held.length, beat.lost, beat.unheard], [2, [], []]);
    const done = queues.map(({ queue }) => queue.meta.counters.done);
    assertEquals((done[0] ?? 0) + (done[1] ?? 0), 2);
  });

  it("goes on with those that are there, and says whom it could not tell", async () => {
    const { owned, clock, queues } = await scene([1]);
    const sources = createManySources([{ owner: "gone", source: gone }, ...owned], {
      ...{ clock, random: () => 0 },
    });

    const { tasks } = await sources.claim(message, signal);
    const [task] = tasks;
    const beat = await sources.heartbeat({ worker: "w" }, task ? [task] : []);

    assertEquals([task?.owner, beat.lost], ["owner 0", []]);
    assertEquals(queues[0]?.queue.meta.counters.leased, 1);
  });

  it("fails when nobody can be asked", async () => {
    const { clock } = await scene([]);
    const owned = ["a", "b", "c"].map((owner) => ({ owner, source: gone }));
    const sources = createManySources(owned, { clock, random: () => 0 });

    await assertRejects(() => sources.claim(message, signal), UnavailableError, "it is gone");
  });

  it("waits at the only one there is", async () => {
    const { sources, queues } = await scene([0]);
    const claiming = sources.claim(message, signal);

    await queues[0]?.queue.submit(newTask({ id: "a" }));

    assertEquals((await claiming).tasks[0]?.id, "a");
  });
});
