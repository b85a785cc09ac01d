/** Tasks whose handlers ask something: the questions, the answers, and what is kept of them. @module */

import { join } from "node:path";
import { after, describe, it } from "node:test";
import { decode } from "@ipld/dag-cbor";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { openSqliteQueueStore } from "../../../runtimes/shared/queue/sqlite-queue-store.ts";
import { ANSWER_MS, MAX_ROUNDS } from "../../../src/queue/commands/dialogue.ts";
import { createLocalSource } from "../../../src/queue/local-source.ts";
import { createMemoryQueueStore } from "../../../src/queue/memory-store.ts";
import type { QueueStore } from "../../../src/queue/queue-store.ts";
import type { LeasedTask, TaskSource } from "../../../src/queue/task-source.ts";
import { LEASE_MS, newTask, openQueue, type TestQueue } from "../../support/queues.ts";
import { createTempFolder } from "../../support/temp-folder.ts";

/** What a tool gives back that asks. */
const asking = (keys: readonly string[], requestState?: string): object => ({
  content: [],
  resultType: "input_required",
  inputRequests: Object.fromEntries(keys.map((key) => [key, { method: "roots/list", params: {} }])),
  ...(requestState !== undefined && { requestState }),
});

const tool = { kind: "tool", tool: "ask", maxAttempts: 1 } as const;

interface Asked extends TestQueue {
  readonly source: TaskSource;
  take1(): Promise<LeasedTask>;
}

async function open(store: QueueStore): Promise<Asked> {
  const test = await openQueue(store);
  const source = createLocalSource(test.queue, () => LEASE_MS);
  const take1 = async (): Promise<LeasedTask> => {
    const skills = { kinds: ["tool"], tools: "*", abilities: [] } as const;
    const message = { worker: "w1", ...skills, max: 1, waitMs: 0 };
    const { tasks } = await source.claim(message, new AbortController().signal);
    const [task] = tasks;
    if (!task) throw new Error("there is nothing to claim");
    return task;
  };
  return { ...test, source, take1 };
}

function testDialogue(name: string, newStore: () => Promise<QueueStore>): void {
  describe(`a task that asks (${name})`, () => {
    it("waits until the last answer came, and comes back with all of them", async () => {
      const { queue, source, take1, clock } = await open(await newStore());
      const { task } = await queue.submit(newTask(tool, { at: clock.now() }));
      await source.complete(await take1(), asking(["a", "b"], "remembered"));
      const id = task.spec.id;
      assertEquals((await queue.task(id))?.state, "scheduled");
      await queue.answer(id, { a: 1, unknown: 2 });
      assertEquals(Object.keys((await queue.task(id))?.dialogue?.open ?? {}), ["b"]);
      await assertRejects(() => take1());
      await queue.answer(id, { a: "too late", b: 3 });
      const again = await take1();
      assertEquals(again.inputResponses, { a: 1, b: 3 });
      assertEquals(again.requestState, "remembered");
      assertEquals(again.attempts, 1);
      await source.complete(again, { content: [] });
      assertEquals((await queue.task(id))?.state, "done");
      assertEquals(queue.meta.counters.done, 1);
      assertEquals(queue.meta.counters.scheduled, 0);
    });

    it("is told again what it knew when its worker was lost", async () => {
      const { queue, source, take1, clock } = await open(await newStore());
      const { task } = await queue.submit(newTask(tool, { at: clock.now() }));
      await source.complete(await take1(), asking(["a"], "state"));
      await queue.answer(task.spec.id, { a: 1 });
      await take1();
      await clock.advance(LEASE_MS + 1);
      const again = await take1();
      assertEquals([again.inputResponses, again.requestState], [{ a: 1 }, "state"]);
    });

    it("begins with what was said before it was submitted", async () => {
      const { queue, take1, clock } = await open(await newStore());
      const opening = { client: { roots: {} }, answers: { name: "Ada" }, state: "asked" };
      await queue.submit(newTask({ ...tool, opening }, { at: clock.now() }));
      const { client, inputResponses, requestState } = await take1();
      assertEquals({ client, answers: inputResponses, state: requestState }, opening);
    });

    it("fails when nobody answers in time", async () => {
      const { queue, source, take1, clock } = await open(await newStore());
      const { task } = await queue.submit(newTask(tool, { at: clock.now() }));
      await source.complete(await take1(), asking(["a"]));
      await clock.advance(ANSWER_MS + 1);
      const over = await queue.settled(task.spec.id, 0);
      assertEquals([over?.state, over?.error?.code], ["failed", "deadline_exceeded"]);
      // And an answer then changes nothing.
      assertEquals((await queue.answer(task.spec.id, { a: 1 })).state, "failed");
    });

    it("is cancelled at once while it waits, and when it asks although it should end", async () => {
      const { queue, source, take1, clock } = await open(await newStore());
      const { task: waiting } = await queue.submit(newTask(tool, { at: clock.now() }));
      await source.complete(await take1(), asking(["a"]));
      assertEquals((await queue.cancel(waiting.spec.id, "enough", 0)).state, "cancelled");
      const { task: running } = await queue.submit(newTask(tool, { at: clock.now() }));
      const held = await take1();
      await queue.cancel(running.spec.id, "enough", 60_000);
      await source.complete(held, asking(["a"]));
      assertEquals((await queue.task(running.spec.id))?.state, "cancelled");
    });

    it("asks once though its worker says so twice", async () => {
      const { queue, source, take1, clock } = await open(await newStore());
      const { task } = await queue.submit(newTask(tool, { at: clock.now() }));
      const held = await take1();
      await source.complete(held, asking(["a"]));
      await source.complete(held, asking(["a"]));
      assertEquals((await queue.task(task.spec.id))?.dialogue?.round, 1);
    });

    it("goes on at once when it only wants its state back, but not for ever", async () => {
      const { queue, source, take1, clock } = await open(await newStore());
      const { task } = await queue.submit(newTask(tool, { at: clock.now() }));
      for (let round = 0; round < MAX_ROUNDS; round += 1) {
        const held = await take1();
        assertEquals(held.requestState, round === 0 ? undefined : String(round));
        await source.complete(held, asking([], String(round + 1)));
      }
      await source.complete(await take1(), asking([], "more"));
      assertEquals((await queue.task(task.spec.id))?.state, "failed");
    });

    it("leaves neither questions nor answers in the log, only their keys", async () => {
      const store = await newStore();
      const { queue, source, take1, clock } = await open(store);
      const opening = { client: {}, answers: { before: "secret-0" } };
      const { task } = await queue.submit(newTask({ ...tool, opening }, { at: clock.now() }));
      await source.complete(await take1(), asking(["a"], "secret-1"));
      await queue.answer(task.spec.id, { a: "secret-2" });
      const commits = await store.log("default", { from: 0, to: 1_000 });
      const events = commits.flatMap(({ events: all }) => all.map((bytes) => decode(bytes)));
      const text = JSON.stringify(events);
      assert(!text.includes("secret"), text);
      const types = (events as { type: string }[]).map(({ type }) => type);
      assertEquals(types, ["submitted", "claimed", "asked", "answered"]);
    });
  });
}

testDialogue("memory", async () => createMemoryQueueStore());

describe("SQLite", () => {
  const folder = createTempFolder({ after });
  let opened = 0;
  const path = async (): Promise<string> => join(await folder, `dialogue-${opened}.db`);
  testDialogue("SQLite", async () => {
    opened += 1;
    const store = await openSqliteQueueStore(await path());
    after(() => store.close());
    return store;
  });

  it("keeps questions and answers over a restart", async () => {
    opened += 1;
    const before = await openSqliteQueueStore(await path());
    const first = await open(before);
    const { task } = await first.queue.submit(newTask(tool, { at: first.clock.now() }));
    await first.source.complete(await first.take1(), asking(["a", "b"], "state"));
    await first.queue.answer(task.spec.id, { a: 1 });
    await first.queue.close();
    await before.close();
    const store = await openSqliteQueueStore(await path());
    after(() => store.close());
    const second = await open(store);
    await second.queue.answer(task.spec.id, { b: 2 });
    const again = await second.take1();
    assertEquals([again.inputResponses, again.requestState], [{ a: 1, b: 2 }, "state"]);
  });
});
