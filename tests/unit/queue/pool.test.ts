import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { compareTasks, isClaimable } from "../../../src/queue/order.ts";
import { Pool } from "../../../src/queue/pool.ts";
import type { Task } from "../../../src/queue/task.ts";
import { aTask } from "../../support/queue-tasks.ts";

const ready = (id: string, some: Partial<Task> = {}): Task =>
  aTask({ state: "ready", ...some, spec: { id } });

/** A pool over stored tasks, and what a transaction changed. */
function poolOf(stored: readonly Task[]) {
  const changed = new Map<string, Task>();
  const reads: number[] = [];
  const sorted = stored.toSorted(compareTasks);
  const pool = new Pool({
    stored: (limit) => {
      reads.push(limit);
      return sorted.slice(0, limit);
    },
    changed: (id) => changed.get(id),
    belongs: isClaimable,
  });
  const change = (task: Task): void => {
    changed.set(task.spec.id, task);
    if (isClaimable(task)) pool.add(task);
  };
  return { pool, change, reads };
}

describe("Pool", () => {
  it("gives the first of what is stored and what came in this transaction", () => {
    const { pool, change } = poolOf([ready("stored", { priority: 5, seq: 1 })]);
    assertEquals(pool.first()?.spec.id, "stored");

    change(ready("urgent", { priority: 9, seq: 2 }));

    assertEquals(pool.first()?.spec.id, "urgent");
  });

  it("leaves out what this transaction took away, and knows what it moved", () => {
    const { pool, change } = poolOf([ready("a", { seq: 1 }), ready("b", { seq: 2 })]);
    change(ready("b", { seq: 2, priority: 9 }));
    assertEquals(pool.first()?.spec.id, "b");

    change({ ...ready("b"), state: "leased" });

    assertEquals(pool.first()?.spec.id, "a");
  });

  it("passes over what is to be skipped, and comes back to it", () => {
    const { pool } = poolOf([ready("a", { seq: 1 }), ready("b", { seq: 2 })]);

    assertEquals(pool.first(({ spec }) => spec.id === "a")?.spec.id, "b");
    assertEquals(pool.first()?.spec.id, "a");
  });

  it("reads no more than it is asked for", () => {
    const { pool, reads } = poolOf(Array.from({ length: 100 }, (_, n) => ready(`t${n}`)));
    pool.expect(3);
    pool.first();

    assertEquals(reads, [3]);
  });

  it("gives everything once, in order, whatever is taken and added meanwhile", () => {
    const priority = fc.integer({ min: 0, max: 3 });
    const step = fc.option(priority);
    fc.assert(
      fc.property(fc.array(priority), fc.array(step), (stored, steps) => {
        let seq = 0;
        const make = (urgency: number): Task => {
          seq += 1;
          return ready(`t${seq}`, { seq, priority: urgency });
        };
        const waiting = stored.map(make);
        const { pool, change } = poolOf(waiting);
        for (const urgency of steps) {
          if (urgency !== null) {
            const task = make(urgency);
            waiting.push(task);
            change(task);
            continue;
          }
          const [expected] = waiting.sort(compareTasks);
          const task = pool.first();
          assertEquals(task?.spec.id, expected?.spec.id);
          if (!task) continue;
          waiting.shift();
          change({ ...task, state: "leased" });
        }
        assert(seq >= stored.length);
      }),
      { numRuns: 60 },
    );
  });
});
