import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { next } from "../../../src/queue/next.ts";
import { MAX_LOG_LINES, type Task } from "../../../src/queue/task.ts";
import type { TaskEvent } from "../../../src/queue/task-event.ts";
import { aTask } from "../../support/queue-tasks.ts";

const token = { epoch: 1, attempt: 1 };
const error = { code: "tool_failed", message: "no" };
const NOW = 1_000;

const after = (task: Task, ...events: readonly TaskEvent[]): Task =>
  events.reduce((before, event) => next(before, event, NOW), task);
const leased = (some: Parameters<typeof aTask>[0] = {}): Task =>
  after(aTask({ state: "ready", ...some }), { type: "claimed", worker: "w", token });
const failed = (isRetryable: boolean, retryAt = NOW): TaskEvent => ({
  ...{ type: "failed", token, error, isRetryable, retryAt },
});

describe("next()", () => {
  it("makes a submitted task ready, or lets it wait for its time", () => {
    const submitted = (runAt: number): string =>
      after(aTask({ runAt }), { type: "submitted" }).state;

    assertEquals([submitted(NOW), submitted(NOW + 1)], ["ready", "scheduled"]);
  });

  it("gives a claimed task to its worker, under its token", () => {
    const task = leased({ progress: { done: 3 } });

    assertEquals([task.state, task.attempts, task.token], ["leased", 1, token]);
    assertEquals(task.lease, { worker: "w", token, claimedAt: NOW });
    assertEquals([task.startedAt, task.progress], [NOW, undefined]);
  });

  it("keeps the result of a completed one, and lets go of its worker", () => {
    const task = after(leased(), { type: "completed", token, result: 7, resultCid: "cid" });

    assertEquals([task.state, task.result, task.resultCid], ["done", 7, "cid"]);
    assertEquals([task.lease, task.finishedAt], [undefined, NOW]);
  });

  it("tries again what can be mended, until its attempts are used up", () => {
    const again = after(leased(), failed(true, NOW + 50));
    assertEquals([again.state, again.runAt, again.attempts], ["scheduled", NOW + 50, 1]);
    assertEquals(after(leased(), failed(true)).state, "ready");

    assertEquals(after(leased({ attempts: 2 }), failed(true)).state, "dead");
    assertEquals(after(leased(), failed(false)).state, "failed");
  });

  it("counts losses apart from failures, and both have an end", () => {
    const lost = { type: "lost", token, retryAt: NOW } as const;
    const again = after(leased(), lost);
    assertEquals([again.state, again.attempts, again.stalls], ["ready", 0, 1]);

    const dead = after(leased({ stalls: 3 }), lost);
    assertEquals([dead.state, dead.stalls, dead.error?.code], ["dead", 4, "lease_lost"]);
  });

  it("does not count an attempt that was given back, and never gives its token again", () => {
    const task = after(leased(), { type: "returned", token });

    assertEquals([task.state, task.attempts, task.token], ["ready", 0, token]);
  });

  it("remembers who asked to cancel what runs, and cancels what does not at once", () => {
    const asked = after(leased(), { type: "cancel-requested", reason: "enough" });
    assertEquals([asked.state, asked.lease?.cancel], ["leased", { reason: "enough", at: NOW }]);

    const held = aTask({ state: "ready", isHeld: true });
    const task = after(held, { type: "cancelled", reason: "enough" });
    assertEquals([task.state, task.isHeld, task.error?.message], ["cancelled", false, "enough"]);
  });

  it("adds labels to those that are there, and replaces note and priority", () => {
    const before = aTask({ labels: { a: "1", b: "2" }, note: "old" });
    const task = after(before, { type: "updated", labels: { b: "3" }, priority: 9 });

    assertEquals([task.labels, task.note, task.priority], [{ a: "1", b: "3" }, "old", 9]);
  });

  it("keeps the last lines of a handler, and no more", () => {
    const lines = Array.from({ length: MAX_LOG_LINES + 5 }, (_, n): TaskEvent => {
      return { type: "progressed", log: String(n) };
    });
    const { log } = after(leased(), ...lines);

    assertEquals([log.length, log[0], log.at(-1)], [MAX_LOG_LINES, "5", String(MAX_LOG_LINES + 4)]);
  });

  it("changes nothing because somebody spoke too late", () => {
    const task = leased();

    assertEquals(after(task, { type: "stale", token, what: "completed" }), task);
  });
});
