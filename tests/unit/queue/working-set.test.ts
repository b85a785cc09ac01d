import { describe, it } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { ConflictError } from "../../../src/errors.ts";
import { createMemoryQueueStore } from "../../../src/queue/memory-store.ts";
import { WorkingSet } from "../../../src/queue/working-set.ts";
import { newTask } from "../../support/queues.ts";

const none = { ids: [], keys: [], groups: [], lanes: [] };

describe("WorkingSet", () => {
  it("does not take an id that it forgets: a store would lose one of the two", async () => {
    const store = createMemoryQueueStore();
    await store.transact("default", none, (reader) => {
      const set = new WorkingSet(reader, 1);
      const task = set.add(newTask({ id: "a" }));
      set.record(task, { type: "cancelled", reason: "no more" });
      const changes = set.changes();
      return { answer: undefined, ...(changes && { changes }) };
    });

    await store.transact("default", none, (reader) => {
      const set = new WorkingSet(reader, 2);
      const task = set.task("a");
      if (task) set.remove(task);
      const again = (): unknown => set.add(newTask({ id: "a" }));

      assertThrows(again, ConflictError, "being forgotten");

      assertEquals(set.task("a"), undefined);
      assertEquals(set.backlog, 0);
      return { answer: undefined };
    });
  });
});
