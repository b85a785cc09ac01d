/**
 * The SQLite store writes commits to a journal and its tables later: whatever happens in between,
 * it answers as the memory store does, which has neither.
 *
 * @module
 */

import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { assertEquals, assertExists } from "@std/assert";
import fc from "fast-check";
import { openSqliteQueueStore } from "../../../runtimes/shared/queue/sqlite-queue-store.ts";
import { prune } from "../../../src/queue/commands/sweep.ts";
import { createMemoryQueueStore } from "../../../src/queue/memory-store.ts";
import type {
  GroupState,
  LogEntry,
  QueueMeta,
  QueueStore,
} from "../../../src/queue/queue-store.ts";
import type { Task } from "../../../src/queue/task.ts";
import { WorkingSet } from "../../../src/queue/working-set.ts";
import { newTask, openQueue, resultOf, type TestQueue } from "../../support/queues.ts";
import { createTempFolder } from "../../support/temp-folder.ts";

/** What is done to both queues; numbers choose among the tasks that there are. */
type Step =
  | { readonly do: "submit"; readonly shape: number; readonly priority: number }
  | { readonly do: "claim"; readonly max: number }
  | { readonly do: "complete" | "fail" | "cancel" | "hurry" | "back"; readonly which: number }
  | { readonly do: "wait"; readonly ms: number }
  | { readonly do: "prune" | "look" | "position" | "crash" };

const which = fc.nat({ max: 30 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("submit" as const),
      shape: fc.nat({ max: 5 }),
      priority: fc.nat({ max: 9 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("claim" as const),
      max: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom("complete", "fail", "cancel", "hurry", "back"),
      which,
    }) as fc.Arbitrary<Step>,
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("wait" as const),
      ms: fc.constantFrom(1, 1_000, 31_000, 3_700_000),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom("prune", "look", "position", "crash"),
    }) as fc.Arbitrary<Step>,
  },
);

const SHAPES = [
  {},
  { groupKey: "g", groupLimit: 2 },
  { groupKey: "r", groupRate: { count: 1, perMs: 2_000 } },
  { idempotencyKey: "k", input: 1 },
  { kind: "other", requires: ["gpu"] },
  { maxStalls: 0, resultTtlMs: 1_000 },
] as const;

/** A queue with its store, and what was seen of it. */
interface Subject {
  readonly store: QueueStore;
  readonly test: TestQueue;
  readonly ids: string[];
}

const subjectOf = async (store: QueueStore): Promise<Subject> => ({
  store,
  test: await openQueue(store),
  ids: [],
});

/** What a step answered, as far as it can be compared; a refusal is an answer. */
async function take(subject: Subject, step: Step, number: number): Promise<unknown> {
  const { test, ids, store } = subject;
  const { queue, clock } = test;
  const task = "which" in step ? await queue.task(ids[step.which % ids.length] ?? "") : undefined;
  const id = task?.spec.id ?? "none";
  const token = task?.token ?? { epoch: 0, attempt: 0 };
  switch (step.do) {
    case "submit": {
      const at = clock.now();
      const runAt = step.shape === 0 && step.priority > 7 ? at + 2_000 : at;
      const spec = { id: `t${number}`, ...SHAPES[step.shape], input: 1 };
      ids.push(`t${number}`);
      return queue.submit(newTask(spec, { at, runAt, priority: step.priority }));
    }
    case "claim":
      return test.claim("w1", step.max);
    case "complete":
      return queue.complete(id, token, resultOf(number));
    case "fail":
      return queue.fail(id, token, { error: { code: "no", message: "no" }, isRetryable: true });
    case "back":
      return queue.giveBack(id, token);
    case "cancel":
      return queue.cancel(id, "enough", 500);
    case "hurry":
      return queue.prioritize(id, 9);
    case "wait":
      return clock.advance(step.ms);
    case "prune":
      return queue.prune();
    case "position":
      return Promise.all(
        (await queue.list({ limit: 99, states: ["ready"] })).map((one) => store.ahead(one, 5)),
      );
    case "look":
    case "crash":
      return stateOf(store);
  }
}

/** All that a store tells. */
interface State {
  readonly inside: {
    readonly meta: QueueMeta;
    readonly key: Task | undefined;
    readonly groups: readonly (GroupState | undefined)[];
    readonly held: readonly Task[];
    readonly lanes: readonly (readonly Task[])[];
  };
  readonly tasks: readonly Task[];
  readonly log: readonly LogEntry[];
  readonly nextDue: number | undefined;
}

async function stateOf(store: QueueStore): Promise<State> {
  const hints = { ids: [], keys: [], groups: [], lanes: [] };
  return {
    // First: what follows folds the journal.
    inside: await store.transact("default", hints, (reader) => ({
      answer: {
        meta: reader.meta(),
        key: reader.byKey("k"),
        groups: ["g", "r"].map((key) => reader.group(key)),
        held: reader.held("g", 9),
        lanes: Object.keys(reader.meta().lanes).map((lane) => reader.claimable(lane, 9)),
      },
    })),
    tasks: await store.list({ queue: "default", limit: 999 }),
    log: await store.log("default", { from: 0, to: Infinity }),
    nextDue: await store.nextDue("default"),
  };
}

describe("the journal of the SQLite store", () => {
  const folder = createTempFolder({ after });
  let opened = 0;
  const newPath = async (): Promise<string> => {
    opened += 1;
    return join(await folder, `queue-${opened}.db`);
  };

  /** What a process would find that starts after this one was killed. */
  async function afterCrash(path: string): Promise<State> {
    const copy = await newPath();
    for (const end of ["", "-wal"]) copyFileSync(`${path}${end}`, `${copy}${end}`);
    const store = await openSqliteQueueStore(copy);
    const state = await stateOf(store);
    await store.close();
    return state;
  }

  it("never shows, to whoever asks and in whatever order", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
        const path = await newPath();
        const durable = await subjectOf(await openSqliteQueueStore(path));
        const memory = await subjectOf(createMemoryQueueStore());
        for (const [number, step] of steps.entries()) {
          // What comes after a crash is compared before anything folds the journal.
          const found = step.do === "crash" ? await afterCrash(path) : undefined;
          const [ours, expected] = await Promise.all(
            [durable, memory].map((subject) =>
              take(subject, step, number).catch((error: Error) => error.message),
            ),
          );
          assertEquals(ours, expected);
          if (found) assertEquals(found, expected);
        }
        assertEquals(await afterCrash(path), await stateOf(memory.store));
        for (const { test, store } of [durable, memory]) {
          assertEquals(test.troubles, []);
          await test.queue.close();
          await store.close();
        }
      }),
      { numRuns: 40 },
    );
  });

  it("is folded while a backlog grows and shrinks, and keeps its order", async () => {
    const { store, test } = await subjectOf(await openSqliteQueueStore(await newPath()));
    const wanted = Array.from({ length: 1_000 }, (_, n) =>
      test.queue.submit(newTask({ id: `t${n}` }, { priority: n % 10 })),
    );
    await Promise.all(wanted);
    const claimed: number[] = [];
    for (let n = 0; n < 100; n += 1) {
      for (const task of await test.claim("w1", 10)) {
        claimed.push(task.priority);
        await test.queue.complete(task.spec.id, task.token, resultOf(n));
      }
    }

    assertEquals(
      claimed,
      claimed.toSorted((a, b) => b - a),
    );
    assertEquals(test.queue.meta.counters.done, 1_000);
    assertEquals((await store.list({ queue: "default", limit: 2_000 })).length, 1_000);
    await test.queue.close();
    await store.close();
  });

  it("counts who is ahead where more wait than it has read", async () => {
    const { store, test } = await subjectOf(await openSqliteQueueStore(await newPath()));
    const wanted = Array.from({ length: 200 }, (_, n) => newTask({ id: `t${n}` }));
    await Promise.all(wanted.map((one) => test.queue.submit(one)));
    // A list folds the journal: now they are rows.
    const [last] = await store.list({ queue: "default", limit: 1 });
    assertExists(last);
    await test.claim("w1", 10);
    await test.queue.prioritize("t150", 9);

    assertEquals(await store.ahead(last, 1_000), 189);
    assertEquals(await store.ahead(last, 50), 50);
    await test.queue.close();
    await store.close();
  });

  it("remembers over a crash what was forgotten", async () => {
    const path = await newPath();
    const { store, test } = await subjectOf(await openSqliteQueueStore(path));
    await test.queue.submit(newTask({ id: "a", idempotencyKey: "k", resultTtlMs: 1 }));
    await test.queue.cancel("a", "enough", 0);
    const later = test.clock.now() + 10;
    await store.list({ queue: "default", limit: 1 });

    const hints = { ids: [], keys: [], groups: [], lanes: [] };
    const removed = await store.transact("default", hints, (reader) => {
      const set = new WorkingSet(reader, later);
      const answer = prune(set, ["a"]);
      const changes = set.changes();
      return { answer, ...(changes && { changes }) };
    });

    assertEquals(removed, 1);
    const found = await afterCrash(path);
    assertEquals([found.tasks, found.inside.key], [[], undefined]);
    await test.queue.close();
    await store.close();
  });
});
