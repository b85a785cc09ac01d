/** What the tools of the task queue promise, over any store. @module */

import { afterEach, describe, it } from "node:test";
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { ConflictError, InputError } from "../../src/errors.ts";
import type { QueueStore } from "../../src/queue/queue-store.ts";
import { anonymousCaller } from "../../src/registry/caller.ts";
import { resultOf } from "../support/queues.ts";
import { createTaskScene as createScene, type TaskScene } from "../support/task-scene.ts";
import type { Cleanup } from "../support/temp-folder.ts";

const ADD = { tool: "add", input: { a: 1 } } as const;

/** Declare the suite over one store; `open` gives a new, empty one. */
export function testTaskTools(name: string, open: () => Promise<QueueStore>): void {
  // Deno 2.9 runs what a nested test registers when the outermost one ends: connections add up.
  const ends: (() => Promise<void>)[] = [];
  const cleanup: Cleanup = { after: (end) => void ends.unshift(end) };
  const createTaskScene = async (
    _t: unknown,
    options: Parameters<typeof createScene>[1] = {},
  ): Promise<TaskScene> => createScene(cleanup, { ...options, store: await open() });

  describe(`over ${name}`, () => {
    afterEach(async () => {
      for (const end of ends.splice(0)) await end();
    });

    describe("p2p_taskqueue_submit", () => {
      it("takes a task in, and tells its place", async (t) => {
        const { call } = await createTaskScene(t);
        await call("submit", ADD);

        const second = await call("submit", ADD);

        assertEquals(second, {
          ...{ taskId: "id-2", state: "ready", queue: "default", owner: "local" },
          ...{ duplicate: false, position: 2 },
        });
      });

      it("keeps everything that was asked for", async (t) => {
        const { call, queue } = await createTaskScene(t);

        const { taskId, state } = await call("submit", {
          ...{ kind: "transcribe", input: { url: "x" }, priority: 9, timeoutMs: 5, maxAttempts: 7 },
          ...{ runAt: "2030-01-01T00:00:00Z", backoff: { initialMs: 7 }, idempotencyKey: "k" },
          ...{ groupKey: "g", groupLimit: 2, groupRate: { count: 3, perMs: 1000 }, session: "s" },
          ...{ labels: { team: "ops" }, requires: ["gpu"], resultTtlMs: 9000 },
        });

        const task = await queue.task(String(taskId));
        assertEquals([state, task?.priority, task?.labels], ["scheduled", 9, { team: "ops" }]);
        assertEquals(task?.runAt, Date.parse("2030-01-01T00:00:00Z"));
        const { spec } = task ?? {};
        assertEquals([spec?.kind, spec?.timeoutMs, spec?.maxAttempts], ["transcribe", 5, 7]);
        assertEquals(spec?.backoff, { initialMs: 7, factor: 2, maxMs: 60_000, jitter: 0 });
        assertEquals([spec?.groupKey, spec?.groupLimit, spec?.session], ["g", 2, "s"]);
        assertEquals([spec?.groupRate, spec?.requires], [{ count: 3, perMs: 1000 }, ["gpu"]]);
        assertEquals([spec?.idempotencyKey, spec?.resultTtlMs], ["k", 9000]);
      });

      it("answers the same key with the same task, and refuses it for another", async (t) => {
        const { call } = await createTaskScene(t);
        const first = await call("submit", { ...ADD, idempotencyKey: "k" });

        const again = await call("submit", { ...ADD, idempotencyKey: "k" });

        assertEquals([again.taskId, again.duplicate], [first.taskId, true]);
        const other = { tool: "add", input: { a: 2 }, idempotencyKey: "k" };
        await assertRejects(() => call("submit", other), ConflictError, "belongs to another task");
      });

      it("lets a cron expression decide when", async (t) => {
        const { call, queue } = await createTaskScene(t);

        const { taskId, state } = await call("submit", { ...ADD, cron: "0 7 * * *" });

        assertEquals(state, "scheduled");
        assertEquals(new Date((await queue.task(String(taskId)))?.runAt ?? 0).getUTCHours(), 7);
        await assertRejects(() => call("submit", { ...ADD, timezone: "UTC" }), InputError, "cron");
        await assertRejects(
          () => call("submit", { ...ADD, cron: "soon" }),
          InputError,
          "0 7 * * 1-5",
        );
      });

      it("asks first whether there is such a tool for the caller", async (t) => {
        const { call } = await createTaskScene(t, {
          checkTool: (tool) => Promise.reject(new InputError("unknown_tool", `no ${tool}`)),
        });

        await assertRejects(() => call("submit", ADD), InputError, "no add");
        assertEquals((await call("status")).counts, {
          ...{ scheduled: 0, ready: 0, leased: 0, done: 0, failed: 0, cancelled: 0, dead: 0 },
        });
      });

      it("names the parameter that is wrong, and the one that was meant", async (t) => {
        const { call } = await createTaskScene(t);

        await assertRejects(() => call("submit", { ...ADD, prioriti: 1 }), InputError, "priority");
        await assertRejects(
          () => call("submit", { ...ADD, priority: 10 }),
          InputError,
          "/priority",
        );
        await assertRejects(() => call("submit", { input: {} }), InputError, "name of a tool");
        await assertRejects(
          () => call("submit", { kind: "x", tool: "y" }),
          InputError,
          "leave out",
        );
        await assertRejects(() => call("submit", { ...ADD, queue: "A B" }), InputError, "/queue");
        await assertRejects(() => call("submit", { ...ADD, labels: { "a=b": "c" } }), InputError);
        await assertRejects(
          () => call("submit", { ...ADD, groupLimit: 1 }),
          InputError,
          "groupKey",
        );
      });
    });

    describe("p2p_taskqueue_get_result", () => {
      it("gives the state of the moment, and the result once there is one", async (t) => {
        const { call, take, queue } = await createTaskScene(t);
        const { taskId } = await call("submit", ADD);
        assertEquals((await call("get_result", { taskId })).state, "ready");

        const waiting = call("get_result", { taskId, waitMs: 60_000 });
        const task = await take();
        await queue.complete(task.spec.id, task.token, resultOf({ sum: 3 }));

        const { state, result, attempts } = await waiting;
        assertEquals([state, result, attempts], ["done", { sum: 3 }, 1]);
      });

      it("waits as long as it was told, and no longer", async (t) => {
        const { call, clock } = await createTaskScene(t);
        const { taskId } = await call("submit", ADD);
        let isAnswered = false;
        const waiting = call("get_result", { taskId, waitMs: 50_000 }).then((outcome) => {
          isAnswered = true;
          return outcome;
        });

        await clock.advance(49_999);
        assertEquals(isAnswered, false);
        await clock.advance(1);

        assertEquals((await waiting).state, "ready");
      });

      it("says that there is no such task, also of another's", async (t) => {
        const { call, callAs } = await createTaskScene(t);
        const { taskId } = await call("submit", ADD);

        await assertRejects(
          () => call("get_result", { taskId: "nope" }),
          InputError,
          "no task nope",
        );
        const stranger = callAs({ ...anonymousCaller, id: "key:other" });
        await assertRejects(() => stranger("get_result", { taskId }), InputError, "no task");
        assertEquals((await stranger("list_tasks")).tasks, []);
      });
    });

    describe("p2p_taskqueue_task_status", () => {
      it("shows lease and progress, and every event with its CIDs where asked", async (t) => {
        const { call, take } = await createTaskScene(t);
        const { taskId } = await call("submit", { ...ADD, labels: { team: "ops" } });
        const { token } = await take("gpu-box");
        const text = `${token.epoch}.${token.attempt}`;
        await call("update_task", { taskId, token: text, progress: { done: 2, total: 3 } });

        const task = await call("task_status", { taskId, history: true });

        assertEquals([task.state, task.attempts, task.tool], ["leased", 1, "add"]);
        assertEquals(task.progress, { done: 2, total: 3 });
        assertEquals(task.lease, {
          ...{ worker: "gpu-box", token: text, epoch: token.epoch, leftMs: 30_000 },
          isCancelling: false,
        });
        const history = task.history as { type: string; cid: string; commit: string }[];
        assertEquals(
          history.map(({ type }) => type),
          ["submitted", "claimed"],
        );
        for (const { cid, commit } of history) assertMatch(`${cid} ${commit}`, /^baf\w+ baf\w+$/);
        assertEquals("history" in (await call("task_status", { taskId })), false);
      });
    });

    describe("p2p_taskqueue_list_tasks", () => {
      it("finds by state, label, kind and group, newest first, page by page", async (t) => {
        const { call, take } = await createTaskScene(t);
        for (const at of [1, 2, 3]) {
          await call("submit", {
            ...ADD,
            labels: { n: `${at}` },
            ...(at === 2 && { groupKey: "g" }),
          });
        }
        await take();
        const ids = async (query: Record<string, unknown>): Promise<unknown[]> =>
          ((await call("list_tasks", query)).tasks as { taskId: string }[]).map(
            (one) => one.taskId,
          );

        assertEquals(await ids({}), ["id-3", "id-2", "id-1"]);
        assertEquals(await ids({ state: "leased" }), ["id-1"]);
        assertEquals(await ids({ label: "n=3" }), ["id-3"]);
        assertEquals(await ids({ groupKey: "g", kind: "tool" }), ["id-2"]);
        assertEquals(await ids({ kind: "other" }), []);
        const { nextCursor, stale } = await call("list_tasks", { limit: 2 });
        assertEquals([await ids({ limit: 2, cursor: nextCursor }), stale], [["id-1"], false]);
        await assertRejects(() => call("list_tasks", { state: "finished" }), InputError, '"done"');
      });
    });

    describe("p2p_taskqueue_cancel", () => {
      it("ends what waits at once, and asks the worker of what runs", async (t) => {
        const { call, take } = await createTaskScene(t);
        const { taskId: running } = await call("submit", ADD);
        await take();
        const { taskId: waiting } = await call("submit", ADD);

        assertEquals(await call("cancel", { taskId: waiting, reason: "late" }), {
          ...{ taskId: waiting, state: "cancelled", requested: false },
        });
        assertEquals(await call("cancel", { taskId: running, graceMs: 10 }), {
          ...{ taskId: running, state: "leased", requested: true },
        });
      });
    });

    describe("p2p_taskqueue_update_task", () => {
      it("sets labels and a note, and refuses progress without the lease", async (t) => {
        const { call, take } = await createTaskScene(t);
        const { taskId } = await call("submit", { ...ADD, labels: { a: "1" } });

        const task = await call("update_task", { taskId, labels: { b: "2" }, note: "hm" });

        assertEquals([task.labels, task.note], [{ a: "1", b: "2" }, "hm"]);
        await assertRejects(() => call("update_task", { taskId }), InputError, "nothing to change");
        const progress = { done: 1 };
        await assertRejects(() => call("update_task", { taskId, progress }), InputError, "token");
        await take();
        const stale = { taskId, progress, token: "0.1" };
        await assertRejects(() => call("update_task", stale), ConflictError, "not held");
        await assertRejects(
          () => call("update_task", { ...stale, token: "x" }),
          InputError,
          "/token",
        );
      });
    });

    describe("p2p_taskqueue_resubmit", () => {
      it("makes a new task of one that failed, and of no other", async (t) => {
        const { call } = await createTaskScene(t);
        const { taskId } = await call("submit", ADD);
        await assertRejects(() => call("resubmit", { taskId }), InputError, "is ready");
        await call("cancel", { taskId });

        const again = await call("resubmit", { taskId, reset: true });

        assertEquals([again.previousTaskId, again.generation], [taskId, 1]);
        assertEquals((await call("task_status", { taskId: again.taskId })).maxAttempts, 3);
        const { taskId: last } = await call("resubmit", { taskId });
        assertEquals((await call("task_status", { taskId: last })).maxAttempts, 1);
      });
    });

    describe("p2p_taskqueue_priority", () => {
      it("moves a task that waits to its new place", async (t) => {
        const { call } = await createTaskScene(t);
        await call("submit", ADD);
        const { taskId, position } = await call("submit", { ...ADD, priority: 2 });
        assertEquals(position, 2);

        assertEquals(await call("priority", { taskId, priority: 8 }), {
          ...{ taskId, oldPriority: 2, newPriority: 8, position: 1 },
        });
      });
    });

    describe("p2p_taskqueue_status", () => {
      it("counts by state, and names kinds and workers in detail", async (t) => {
        const { call, take, clock } = await createTaskScene(t);
        for (let at = 0; at < 3; at += 1) await call("submit", ADD);
        await take("gpu-box");
        await clock.advance(5_000);

        const { detail: none, ...status } = await call("status");
        const { detail } = await call("status", { detail: true });

        assertEquals(none, undefined);
        assertEquals([status.healthy, status.queue, status.owner], [true, "default", "local"]);
        const { ready, leased } = status.counts as { ready: number; leased: number };
        assertEquals([ready, leased, status.backlogAgeMs, status.workers], [2, 1, 5_000, 1]);
        const { claimable, byWorker, events } = detail as {
          claimable: object[];
          byWorker: { worker: string; running: number }[];
          events: number;
        };
        assertEquals(claimable, [{ kind: "tool", tool: "add", requires: [], count: 2 }]);
        assertEquals([byWorker[0]?.worker, byWorker[0]?.running], ["gpu-box", 1]);
        assert(events >= 4);
      });
    });

    describe("p2p_taskqueue_worker_stats and heartbeat", () => {
      it("hear of workers, extend what they hold, and tell what they lost", async (t) => {
        const { call, take } = await createTaskScene(t);
        const { taskId } = await call("submit", ADD);
        const { token } = await take("gpu-box");
        await call("cancel", { taskId });
        const held = { taskId, token: `${token.epoch}.${token.attempt}` };

        const heard = await call("heartbeat", {
          worker: "gpu-box",
          leases: [held, { taskId: "gone", token: "1.1" }],
        });

        assertEquals(heard, {
          ...{ extended: [taskId], lost: ["gone"], cancelRequested: [taskId], drain: false },
        });
        const { workers } = await call("worker_stats", { worker: "gpu-box" });
        assertEquals((workers as { running: number }[])[0]?.running, 1);
        await assertRejects(
          () => call("worker_stats", { worker: "gpubox" }),
          InputError,
          "did you mean gpu-box?",
        );
      });
    });

    describe("p2p_taskqueue_shutdown", () => {
      it("gives nothing out any more, and says what became of what ran", async (t) => {
        const { call, claim, drains } = await createTaskScene(t);
        await call("submit", ADD);

        assertEquals(await call("shutdown"), { finished: 2, released: 1, state: "drained" });
        await call("shutdown", { drain: false });

        assertEquals([drains, await claim()], [[30_000, 0], []]);
        assertEquals((await call("status")).draining, true);
      });
    });
  });
}
