/** What a queue promises, over any store: the suite that each {@link QueueStore} passes. @module */

import { describe, it } from "node:test";
import { assert, assertEquals, assertExists, assertRejects } from "@std/assert";
import { ConflictError, InputError, UnavailableError } from "../../src/errors.ts";
import type { QueueStore } from "../../src/queue/queue-store.ts";
import { createFakeClock } from "../support/fake-clock.ts";
import {
  idsOf,
  LEASE_MS,
  newTask,
  openQueue,
  resultOf,
  type TestQueue,
  watchStores,
} from "../support/queues.ts";

/** How the suite gets its subject. */
export interface QueueStoreSubject {
  /** A new, empty store. */
  open(): Promise<QueueStore>;
  /** For durable stores: the one that was just closed, opened once more. */
  reopen?(): Promise<QueueStore>;
}

const failure = (isRetryable = true) => ({
  error: { code: "tool_failed", message: "no" },
  isRetryable,
});

/** Declare the suite for one implementation. */
export function testQueue(name: string, subject: QueueStoreSubject): void {
  const withQueue = (title: string, body: (test: TestQueue) => Promise<void>): void => {
    it(title, async () => {
      const opened = await subject.open();
      const { stores, clock } = watchStores(opened);
      const [store = opened] = stores;
      const test = await openQueue(store, { clock });
      try {
        await body(test);
        assertEquals(test.troubles, []);
      } finally {
        await test.queue.close();
        await store.close();
      }
    });
  };

  describe(`a queue over ${name}`, () => {
    withQueue("takes a task, gives it to a worker, and keeps its result", async (test) => {
      const { task } = await test.queue.submit(newTask({ id: "a" }));
      assertEquals([task.state, task.attempts], ["ready", 0]);

      const leased = await test.take();
      assertEquals([leased.spec.id, leased.state, leased.attempts], ["a", "leased", 1]);
      await test.queue.complete("a", leased.token, resultOf({ sum: 3 }));

      const done = await test.queue.task("a");
      assertEquals([done?.state, done?.result], ["done", { sum: 3 }]);
      assertEquals(test.queue.meta.counters.done, 1);
      assertEquals(await test.claim(), []);
    });

    withQueue("gives the most urgent first, and among equals the oldest", async (test) => {
      for (const [id, priority] of [
        ["low", 1],
        ["first", 5],
        ["second", 5],
        ["high", 9],
      ] as const) {
        await test.queue.submit(newTask({ id }, { priority }));
      }

      const order = idsOf(await test.claim("w1", 10));

      assertEquals(order, ["high", "first", "second", "low"]);
    });

    withQueue("does not let a busy group keep the others waiting", async (test) => {
      for (let n = 0; n < 20; n += 1) {
        await test.queue.submit(newTask({ id: `busy${n}`, groupKey: "busy" }));
      }
      await test.queue.submit(newTask({ id: "calm", groupKey: "calm" }));

      const order = idsOf(await test.claim("w1", 30));

      assert(order.indexOf("calm") <= 1, `calm came as number ${order.indexOf("calm")}`);
      assertEquals(order.length, 21);
    });

    withQueue("never runs more of a group than its limit", async (test) => {
      for (let n = 0; n < 5; n += 1) {
        await test.queue.submit(newTask({ id: `g${n}`, groupKey: "g", groupLimit: 2 }));
      }
      const first = await test.claim("w1", 10);
      assertEquals(idsOf(first), ["g0", "g1"]);

      const [leased] = first;
      assertExists(leased);
      await test.queue.complete("g0", leased.token, resultOf(1));

      assertEquals(idsOf(await test.claim("w1", 10)), ["g2"]);
    });

    withQueue("starts no more of a group in a while than its rate allows", async (test) => {
      for (let n = 0; n < 4; n += 1) {
        const groupRate = { count: 2, perMs: 10_000 };
        await test.queue.submit(newTask({ id: `r${n}`, groupKey: "r", groupRate }));
      }
      assertEquals(idsOf(await test.claim("w1", 10)), ["r0", "r1"]);

      await test.clock.advance(4_999);
      assertEquals(await test.claim("w1", 10), []);
      await test.clock.advance(10);

      assertEquals(idsOf(await test.claim("w1", 10)), ["r2"]);
    });

    withQueue("holds a task back until its time", async (test) => {
      const runAt = test.clock.now() + 60_000;
      const { task } = await test.queue.submit(newTask({ id: "later" }, { runAt }));
      assertEquals(task.state, "scheduled");
      assertEquals(await test.claim(), []);

      await test.clock.advance(60_001);

      assertEquals(idsOf(await test.claim()), ["later"]);
    });

    withQueue("wakes a worker that waits", async (test) => {
      const waiting = test.queue.claim({ worker: "w1", max: 1, can: () => true, waitMs: 10_000 });
      await test.queue.submit(newTask({ id: "a" }));

      assertEquals(idsOf(await waiting), ["a"]);
    });

    withQueue("answers a worker that waited in vain", async (test) => {
      const waiting = test.queue.claim({ worker: "w1", max: 1, can: () => true, waitMs: 10_000 });
      await test.clock.advance(10_001);

      assertEquals(await waiting, []);
    });

    withQueue("gives a worker only what it can do", async (test) => {
      await test.queue.submit(newTask({ id: "gpu", requires: ["gpu"] }));
      await test.queue.submit(newTask({ id: "any" }));
      const can = ({ requires }: { readonly requires: readonly string[] }): boolean =>
        requires.length === 0;

      const claimed = await test.queue.claim({ worker: "w1", max: 5, can, waitMs: 0 });

      assertEquals(idsOf(claimed), ["any"]);
    });

    withQueue("tries again after a while, and gives up when attempts are used up", async (test) => {
      await test.queue.submit(newTask({ id: "a", maxAttempts: 2 }));
      const first = await test.take();
      const failed = await test.queue.fail("a", first.token, failure());
      assertEquals([failed.state, failed.runAt - test.clock.now()], ["scheduled", 1_000]);
      assertEquals(await test.claim(), []);
      await test.clock.advance(1_001);

      const second = await test.take();
      const dead = await test.queue.fail("a", second.token, failure());

      assertEquals([dead.state, dead.attempts, dead.error?.message], ["dead", 2, "no"]);
      assertEquals(test.queue.meta.counters, {
        ...{ scheduled: 0, ready: 0, leased: 0, done: 0, failed: 0, cancelled: 0, dead: 1 },
      });
    });

    withQueue("does not try again what no attempt can mend", async (test) => {
      await test.queue.submit(newTask({ id: "a" }));
      const { token } = await test.take();

      assertEquals((await test.queue.fail("a", token, failure(false))).state, "failed");
    });

    withQueue("gives the task to another worker when the lease runs out", async (test) => {
      await test.queue.submit(newTask({ id: "a" }));
      const first = await test.take("w1");
      await test.clock.advance(LEASE_MS + 10);

      const second = await test.take("w2");

      assertEquals([second.spec.id, second.stalls, second.attempts], ["a", 1, 1]);
      const late = (): Promise<unknown> => test.queue.complete("a", first.token, resultOf(1));
      const error = await assertRejects(late, ConflictError, "runs at w2");
      assertEquals(error.code, "lease_lost");
      assertEquals((await test.queue.complete("a", second.token, resultOf(2))).result, 2);
    });

    withQueue("leaves a task to a worker that says it is there", async (test) => {
      await test.queue.submit(newTask({ id: "a" }));
      const { token } = await test.take("w1");
      for (let n = 0; n < 5; n += 1) {
        await test.clock.advance(LEASE_MS / 3);
        const beat = await test.queue.heartbeat({ worker: "w1" }, [{ id: "a", token }]);
        assertEquals(beat.extended, ["a"]);
      }

      assertEquals((await test.queue.complete("a", token, resultOf(1))).stalls, 0);
    });

    withQueue("buries a task whose workers are lost again and again", async (test) => {
      await test.queue.submit(newTask({ id: "a", maxStalls: 2, maxAttempts: 1 }));
      for (let n = 0; n < 3; n += 1) {
        await test.take();
        await test.clock.advance(LEASE_MS + 10);
        await test.clock.advance(5_000);
      }

      const task = await test.queue.task("a");
      assertEquals([task?.state, task?.stalls, task?.error?.code], ["dead", 3, "lease_lost"]);
    });

    withQueue("counts a result once that is told twice", async (test) => {
      await test.queue.submit(newTask({ id: "a" }));
      const { token } = await test.take();
      await test.queue.complete("a", token, resultOf(1));

      assertEquals((await test.queue.complete("a", token, resultOf(1))).state, "done");
      await assertRejects(() => test.queue.complete("a", token, resultOf(2)), ConflictError);
      assertEquals((await test.queue.task("a"))?.result, 1);
    });

    withQueue("submits a key once, however often it is asked", async (test) => {
      const wanted = (id: string, input: unknown = 1) =>
        newTask({ id, input, idempotencyKey: "k" });
      const answers = await Promise.all(["a", "b", "c"].map((id) => test.queue.submit(wanted(id))));

      assertEquals(
        answers.map(({ task }) => task.spec.id),
        ["a", "a", "a"],
      );
      assertEquals(
        answers.map(({ isDuplicate }) => isDuplicate),
        [false, true, true],
      );
      await assertRejects(() => test.queue.submit(wanted("d", 2)), ConflictError, "another task");
      assertEquals(test.queue.meta.counters.ready, 1);
    });

    withQueue("cancels at once what waits, and asks the worker of what runs", async (test) => {
      await test.queue.submit(newTask({ id: "waits" }));
      assertEquals((await test.queue.cancel("waits", "enough", 5_000)).state, "cancelled");
      await test.queue.submit(newTask({ id: "runs" }));
      const { token } = await test.take();

      assertEquals((await test.queue.cancel("runs", "enough", 5_000)).state, "leased");
      const beat = await test.queue.heartbeat({ worker: "w1" }, [{ id: "runs", token }]);
      assertEquals(beat.cancelRequested, ["runs"]);
      const error = { code: "cancelled", message: "stopped" };
      await test.queue.fail("runs", token, { error, isRetryable: true });

      assertEquals((await test.queue.task("runs"))?.state, "cancelled");
    });

    withQueue("takes a task from a worker that does not heed its cancellation", async (test) => {
      await test.queue.submit(newTask({ id: "a" }));
      const { token } = await test.take();
      await test.queue.cancel("a", "enough", 5_000);

      await test.clock.advance(5_001);

      const task = await test.queue.task("a");
      assertEquals([task?.state, task?.error?.message], ["cancelled", "enough"]);
      await assertRejects(() => test.queue.complete("a", token, resultOf(1)), ConflictError);
    });

    withQueue("lets the first of a result and a cancellation win", async (test) => {
      await test.queue.submit(newTask({ id: "a" }));
      const { token } = await test.take();
      const [done, asked] = await Promise.all([
        test.queue.complete("a", token, resultOf(1)),
        test.queue.cancel("a", "too late", 0),
      ]);

      assertEquals([done.state, asked.state], ["done", "done"]);
    });

    withQueue("takes back what a worker gives back, without counting an attempt", async (test) => {
      await test.queue.submit(newTask({ id: "a" }));
      const { token } = await test.take("w1");
      await test.queue.giveBack("a", token);

      const again = await test.take("w2");

      assertEquals([again.attempts, again.token.attempt], [1, 2]);
    });

    withQueue("submits again what failed, as a new task of the next generation", async (test) => {
      await test.queue.submit(newTask({ id: "a" }));
      const { token } = await test.take();
      await test.queue.fail("a", token, failure(false));

      const again = await test.queue.resubmit("a", { newId: "b", isFresh: true });

      assertEquals(again.spec.previousTaskId, "a");
      assertEquals([again.state, again.spec.generation], ["ready", 1]);
      const resubmitLive = (): Promise<unknown> =>
        test.queue.resubmit("b", { newId: "c", isFresh: true });
      await assertRejects(resubmitLive, InputError, "is ready");
    });

    withQueue("changes the priority of what waits", async (test) => {
      await test.queue.submit(newTask({ id: "a" }));
      await test.queue.submit(newTask({ id: "b" }));
      await test.queue.prioritize("b", 9);

      assertEquals(idsOf(await test.claim("w1", 5)), ["b", "a"]);
      await assertRejects(() => test.queue.prioritize("a", 1), InputError, "is leased");
    });

    withQueue("keeps progress, labels and notes", async (test) => {
      await test.queue.submit(newTask({ id: "a" }, { labels: { team: "blue" } }));
      const { token } = await test.take();
      await test.queue.progress("a", token, { progress: { done: 1, total: 4 }, log: "a line" });
      await test.queue.update("a", { labels: { run: "7" }, note: "look at this" });

      const task = await test.queue.task("a");

      assertEquals(task?.progress, { done: 1, total: 4 });
      assertEquals(task?.log, ["a line"]);
      assertEquals(task?.labels, { team: "blue", run: "7" });
      assertEquals(task?.note, "look at this");
      const stranger = { epoch: 0, attempt: 9 };
      await assertRejects(() => test.queue.progress("a", stranger, {}), ConflictError);
    });

    withQueue("lists page by page, newest first, by what is asked for", async (test) => {
      for (let n = 1; n <= 5; n += 1) {
        const groupKey = n % 2 ? "odd" : "even";
        await test.queue.submit(newTask({ id: `t${n}`, groupKey }, { labels: { n: String(n) } }));
      }
      await test.queue.cancel("t3", "no", 0);

      const page = await test.queue.list({ limit: 2 });
      const rest = await test.queue.list({ limit: 9, before: page.at(-1)?.seq ?? 0 });
      assertEquals([...idsOf(page), ...idsOf(rest)], ["t5", "t4", "t3", "t2", "t1"]);
      const found = async (query: object): Promise<string[]> =>
        idsOf(await test.queue.list({ limit: 9, ...query }));
      assertEquals(await found({ states: ["cancelled"] }), ["t3"]);
      assertEquals(await found({ groupKey: "even" }), ["t4", "t2"]);
      assertEquals(await found({ label: "n=4" }), ["t4"]);
      assertEquals((await found({ label: "n" })).length, 5);
      assertEquals(await found({ label: "x" }), []);
      assertEquals(await found({ kind: "other" }), []);
      assertEquals(await found({ caller: "somebody" }), []);
    });

    withQueue("prefers the worker that knows the session, for a moment", async (test) => {
      const session = "s";
      await test.queue.submit(newTask({ id: "a", session }, { at: test.clock.now() }));
      const { token } = await test.take("w1");
      await test.queue.complete("a", token, resultOf(1));
      await test.queue.submit(newTask({ id: "b", session }, { at: test.clock.now() }));

      assertEquals(await test.claim("w2"), []);
      assertEquals(idsOf(await test.claim("w1")), ["b"]);
      await test.queue.submit(newTask({ id: "c", session }, { at: test.clock.now() }));
      await test.clock.advance(2_001);
      assertEquals(idsOf(await test.claim("w2")), ["c"]);
    });

    withQueue("brings a recurring task back, once for each moment", async (test) => {
      const recurrence = { cron: "*/5 * * * *", series: "s" };
      const runAt = test.clock.now() + 300_000;
      await test.queue.submit(newTask({ id: "s", recurrence }, { runAt }));
      await test.clock.advance(300_001);
      const { spec, token } = await test.take();
      assertEquals(spec.id, "s");
      await test.queue.complete("s", token, resultOf(1));

      await test.clock.advance(300_000);
      const [again] = await test.claim("w1", 9);

      assertExists(again);
      assertEquals(again.runAt, Date.UTC(2026, 0, 1, 0, 10));
      assertEquals(test.queue.meta.counters.scheduled, 1);
    });

    withQueue("forgets results whose time is over", async (test) => {
      await test.queue.submit(newTask({ id: "a", resultTtlMs: 1_000, idempotencyKey: "k" }));
      const { token } = await test.take();
      await test.queue.complete("a", token, resultOf(1));
      await test.clock.advance(500);
      assertEquals(await test.queue.prune(), 0);

      await test.clock.advance(501);

      assertEquals(await test.queue.prune(), 1);
      assertEquals(await test.queue.task("a"), undefined);
      assertEquals(test.queue.meta.counters.done, 0);
      const again = await test.queue.submit(newTask({ id: "b", idempotencyKey: "k" }));
      assertEquals(again.isDuplicate, false);
    });

    withQueue("stops giving out tasks when it is drained, and says so", async (test) => {
      await test.queue.submit(newTask({ id: "a" }));
      const { token } = await test.take();
      await test.queue.submit(newTask({ id: "b" }));
      test.queue.drain();

      assertEquals(await test.claim(), []);
      const beat = await test.queue.heartbeat({ worker: "w1" }, [{ id: "a", token }]);
      assertEquals([beat.drain, beat.extended], [true, ["a"]]);
      test.queue.resume();
      assertEquals(idsOf(await test.claim()), ["b"]);
    });

    withQueue("tells a reader that waits when a task is over", async (test) => {
      await test.queue.submit(newTask({ id: "a" }));
      const { token } = await test.take();
      const waiting = test.queue.settled("a", 10_000);
      await test.queue.complete("a", token, resultOf("there"));

      assertEquals((await waiting)?.result, "there");
    });

    withQueue("says what it does not know", async (test) => {
      const cancel = (): Promise<unknown> => test.queue.cancel("nothing", "", 0);
      await assertRejects(cancel, InputError, "There is no task nothing");
    });

    it(`refuses what is too much, and keeps what it had`, async () => {
      const store = await subject.open();
      const { queue } = await openQueue(store, { limits: { maxBacklog: 1 } });
      await queue.submit(newTask({ id: "a" }));

      const more = (): Promise<unknown> => queue.submit(newTask({ id: "b" }));

      const error = await assertRejects(more, UnavailableError, "as many as");
      assertEquals(error.code, "queue_full");
      assertEquals(queue.meta.counters.ready, 1);
      await queue.close();
      await store.close();
    });

    it("keeps queues apart, also where two tasks have one id", async () => {
      const store = await subject.open();
      const { clock, stores } = watchStores(store);
      const [watched = store] = stores;
      const [one, other] = [
        await openQueue(watched, { name: "one", clock }),
        await openQueue(watched, { name: "other", clock }),
      ];
      await one.queue.submit(newTask({ id: "same", queue: "one" }));
      await other.queue.submit(newTask({ id: "same", queue: "other", input: "else" }));
      const { token } = await one.take();
      await one.queue.complete("same", token, resultOf(1));

      assertEquals(one.queue.meta.counters.done, 1);
      const [waiting] = await other.claim();
      assertEquals([waiting?.spec.input, waiting?.spec.queue], ["else", "other"]);
      await one.queue.close();
      await other.queue.close();
      await store.close();
      const opened = await subject.reopen?.();
      if (!opened) return;
      const states = async (queue: string): Promise<string[]> =>
        (await opened.list({ queue, limit: 9 })).map(({ state }) => state);
      assertEquals([await states("one"), await states("other")], [["done"], ["leased"]]);
      await opened.close();
    });

    const { reopen } = subject;
    if (reopen) testRestart(name, { ...subject, reopen });
  });
}

function testRestart(name: string, subject: Required<QueueStoreSubject>): void {
  it(`keeps everything over a restart of ${name}, and gives leases their full time`, async () => {
    const clock = createFakeClock();
    const store = await subject.open();
    const before = await openQueue(store, { clock });
    for (const id of ["runs", "waits"]) await before.queue.submit(newTask({ id }));
    const runAt = clock.now() + 2 * LEASE_MS;
    await before.queue.submit(newTask({ id: "later" }, { runAt }));
    const { token } = await before.take("w1");
    await clock.advance(LEASE_MS - 1);
    await before.queue.close();
    await store.close();

    const opened = await subject.reopen();
    const after = await openQueue(opened, { clock });
    try {
      assertEquals(after.queue.meta.epoch, 2);
      await clock.advance(LEASE_MS - 1);
      const beat = await after.queue.heartbeat({ worker: "w1" }, [{ id: "runs", token }]);
      assertEquals(beat.extended, ["runs"]);
      await after.queue.complete("runs", token, resultOf(1));
      assertEquals(idsOf(await after.claim("w2", 9)), ["waits"]);
      await clock.advance(LEASE_MS);
      assert(idsOf(await after.claim("w2", 9)).includes("later"));
    } finally {
      await after.queue.close();
      await opened.close();
    }
  });
}
