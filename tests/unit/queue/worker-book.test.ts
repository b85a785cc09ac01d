import { describe, it } from "node:test";
import { assertEquals, assertExists } from "@std/assert";
import type { Task } from "../../../src/queue/task.ts";
import { WorkerBook } from "../../../src/queue/worker-book.ts";
import { aTask } from "../../support/queue-tasks.ts";

const token = { epoch: 1, attempt: 1 };

const ofSession = (updatedAt: number): Task =>
  aTask({ spec: { id: "later", session: "s" }, state: "ready", updatedAt });

/** A book in which `w1` had the last task of the session, at the moment 1,000,000. */
function bookOf() {
  const time = { now: 1_000_000 };
  const book = new WorkerBook({ now: () => time.now });
  book.heard({ worker: "w1", slots: 2 });
  const lease = { worker: "w1", token, claimedAt: time.now };
  const task = aTask({ spec: { id: "a", session: "s" }, state: "leased", lease });
  book.claimed(task);
  return { book, time, task };
}

describe("WorkerBook", () => {
  it("lets a session's task wait a moment for the worker of the last one", () => {
    const { book, time } = bookOf();
    const next = ofSession(time.now);

    assertEquals([book.isAwaited(next, "w2"), book.isAwaited(next, "w1")], [true, false]);
    time.now += 2_000;
    assertEquals(book.isAwaited(next, "w2"), false);
  });

  it("does not wait for one that was not heard of for a while", () => {
    const { book, time } = bookOf();
    time.now += 10_000;

    assertEquals(book.isAwaited(ofSession(time.now), "w2"), false);
  });

  it("does not wait for an hour because the clock was set back by one", () => {
    const { book, time } = bookOf();
    const next = ofSession(time.now);
    time.now -= 3_600_000;

    assertEquals(book.isAwaited(next, "w2"), false);
  });

  it("counts what became of a worker's attempts, and tells lost leases apart", () => {
    const { book, task } = bookOf();
    assertEquals(book.stats("w1")[0]?.running, 1);

    book.settled("w1", { ...task, state: "done" }, 20);
    book.settled("w1", { ...task, state: "ready", error: { code: "lease_lost", message: "" } }, 9);
    book.settled("w1", { ...task, state: "dead", error: { code: "tool_failed", message: "" } }, 40);

    const [stats] = book.stats("w1");
    assertExists(stats);
    const { running, done, failed, stalled, slots, p50Ms, p99Ms } = stats;
    assertEquals([running, done, failed, stalled, slots], [0, 1, 1, 1, 2]);
    assertEquals([p50Ms, p99Ms], [40, 40]);
    assertEquals(book.stats("nobody"), []);
  });
});
