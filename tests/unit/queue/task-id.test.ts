import { describe, it } from "node:test";
import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { newTaskId } from "../../../src/queue/task-id.ts";

describe("newTaskId()", () => {
  it("begins with the time, and goes on with 128 bits of chance", () => {
    const id = newTaskId(Date.UTC(2026, 0, 1));

    assertMatch(id, /^[0-9a-f]{12}-[0-9a-f]{32}$/);
    assertEquals(Number.parseInt(id.slice(0, 12), 16), Date.UTC(2026, 0, 1));
  });

  it("never makes the same twice, and makes later ones greater", () => {
    assertNotEquals(newTaskId(1_000), newTaskId(1_000));
    assertEquals(newTaskId(1_000) < newTaskId(1_001), true);
  });
});
