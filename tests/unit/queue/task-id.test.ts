import { describe, it } from "node:test";
import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { newTaskId } from "../../../src/queue/task-id.ts";

describe("newTaskId()", () => {
  it("makes UUIDs of version 7 that begin with the time", () => {
    const id = newTaskId(Date.UTC(2026, 0, 1));

    assertMatch(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assertEquals(Number.parseInt(id.slice(0, 13).replace("-", ""), 16), Date.UTC(2026, 0, 1));
  });

  it("never makes the same twice, and makes later ones greater", () => {
    assertNotEquals(newTaskId(1_000), newTaskId(1_000));
    assertEquals(newTaskId(1_000) < newTaskId(1_001), true);
  });
});
