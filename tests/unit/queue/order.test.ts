import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { compareTasks, isClaimable, laneOf, needsOf } from "../../../src/queue/order.ts";
import type { TaskSpec } from "../../../src/queue/task.ts";
import { aTask } from "../../support/queue-tasks.ts";

describe("compareTasks()", () => {
  it("puts priority before turn, and turn before age", () => {
    const tasks = [
      aTask({ seq: 1, tag: 9, priority: 5 }),
      aTask({ seq: 2, tag: 1, priority: 1 }),
      aTask({ seq: 4, tag: 2, priority: 5 }),
      aTask({ seq: 3, tag: 2, priority: 5 }),
    ];

    const order = tasks.toSorted(compareTasks).map(({ seq }) => seq);

    assertEquals(order, [3, 4, 1, 2]);
  });
});

describe("isClaimable()", () => {
  it("is true of what is ready and not held back", () => {
    assertEquals(isClaimable({ state: "ready", isHeld: false }), true);
    assertEquals(isClaimable({ state: "ready", isHeld: true }), false);
    for (const state of ["scheduled", "leased", "done", "dead"] as const) {
      assertEquals(isClaimable({ state, isHeld: false }), false);
    }
  });
});

describe("laneOf()", () => {
  it("is undone by needsOf()", () => {
    const needs = { kind: "tool", tool: 'odd "name",', requires: ["gpu", ""] };

    assertEquals(needsOf(laneOf(aTask({ spec: needs }).spec)), needs);
  });

  it("says the same for tasks that need the same, and else something else", () => {
    const lane = (spec: Partial<TaskSpec>): string => laneOf(aTask({ spec }).spec);

    assertEquals(lane({ id: "a", requires: ["x"] }), lane({ id: "b", requires: ["x"] }));
    const others = [lane({}), lane({ requires: ["x"] }), lane({ tool: "x" }), lane({ kind: "x" })];
    assertEquals(new Set(others).size, others.length);
  });
});
