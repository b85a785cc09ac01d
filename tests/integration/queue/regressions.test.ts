/** Defects that the simulation and the model found, each as the shortest way to it. @module */

import { describe, it } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { ConflictError } from "../../../src/errors.ts";
import { createMemoryQueueStore } from "../../../src/queue/memory-store.ts";
import { idsOf, LEASE_MS, newTask, openQueue } from "../../support/queues.ts";

const failure = { error: { code: "tool_failed", message: "no" }, isRetryable: true };

describe("a queue", () => {
  it("takes a submission once that the network brought twice, with a key or without", async () => {
    const { queue } = await openQueue(createMemoryQueueStore());
    const wanted = newTask({ id: "a" });
    const answers = await Promise.all([queue.submit(wanted), queue.submit(wanted)]);

    assertEquals(
      answers.map(({ isDuplicate }) => isDuplicate),
      [false, true],
    );
    assertEquals(queue.meta.counters.ready, 1);
    const other = (): Promise<unknown> => queue.submit(newTask({ id: "a", input: "other" }));
    await assertRejects(other, ConflictError, 'The id "a" belongs to another task');
    await queue.close();
  });

  it("submits again once what the network asked for twice", async () => {
    const { queue } = await openQueue(createMemoryQueueStore());
    await queue.submit(newTask({ id: "a" }));
    await queue.submit(newTask({ id: "other" }));
    await queue.cancel("a", "no", 0);
    const again = (newId: string): Promise<unknown> =>
      queue.resubmit("a", { newId, isFresh: true });
    await Promise.all([again("b"), again("b")]);

    assertEquals(queue.meta.counters.ready, 2);
    await assertRejects(() => again("other"), ConflictError, "belongs to another task");
    await queue.close();
  });

  it("cancels a task that its worker gives back instead of stopping", async () => {
    const test = await openQueue(createMemoryQueueStore());
    await test.queue.submit(newTask({ id: "a" }));
    const { token } = await test.take();
    await test.queue.cancel("a", "enough", 60_000);

    const task = await test.queue.giveBack("a", token);

    assertEquals([task.state, task.error?.message], ["cancelled", "enough"]);
    assertEquals(await test.claim(), []);
    await test.queue.close();
  });

  it("keeps a group's limit while all its tasks wait for their time", async () => {
    const test = await openQueue(createMemoryQueueStore());
    const runAt = test.clock.now() + 1_000;
    for (const id of ["a", "b"]) {
      await test.queue.submit(newTask({ id, groupKey: "g", groupLimit: 1 }, { runAt }));
    }
    await test.clock.advance(1_001);

    const claimed = await test.claim("w1", 5);
    assertEquals(idsOf(claimed), ["a"]);
    const [first] = claimed;
    if (first) await test.queue.fail("a", first.token, failure);
    assertEquals(idsOf(await test.claim("w1", 5)), ["b"]);
    await test.queue.close();
  });

  it("takes a task from a worker that heeds no cancellation, even after a restart", async () => {
    const store = createMemoryQueueStore();
    const before = await openQueue(store);
    const { clock } = before;
    await before.queue.submit(newTask({ id: "a" }));
    const { token } = await before.take();
    await before.queue.cancel("a", "enough", 5_000);
    await before.queue.close();

    const { queue } = await openQueue(store, { clock });
    for (let n = 0; n < 2; n += 1) {
      await clock.advance(LEASE_MS / 2 - 1);
      const beat = await queue.heartbeat({ worker: "w1" }, [{ id: "a", token }]);
      assertEquals(beat.cancelRequested, ["a"]);
    }
    await clock.advance(10);

    assertEquals((await queue.task("a"))?.state, "cancelled");
    await queue.close();
  });
});
