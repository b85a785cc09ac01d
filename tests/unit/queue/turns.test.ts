import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { emptyMeta, type GroupState } from "../../../src/queue/queue-store.ts";
import type { Task } from "../../../src/queue/task.ts";
import { Turns } from "../../../src/queue/turns.ts";
import { aTask } from "../../support/queue-tasks.ts";

/** Turns over a queue that knows these groups. */
const turnsOf = (...groups: readonly GroupState[]): Turns =>
  new Turns(
    { meta: () => emptyMeta("q"), group: (key) => groups.find((group) => group.key === key) },
    1_000,
  );
const ofGroup = (groupKey: string, some: Partial<Task> = {}): Task =>
  aTask({ ...some, spec: { groupKey, groupLimit: 1 } });

describe("Turns", () => {
  it("gives each group a turn of its own, however much one of them submits", () => {
    const turns = turnsOf();
    const tagOf = (group: string): number => turns.enter(aTask({ spec: { groupKey: group } })).tag;

    assertEquals(["busy", "busy", "busy", "calm"].map(tagOf), [0, 1, 2, 0]);
    assertEquals(
      [aTask({}), aTask({})].map((task) => turns.enter(task).tag),
      [0, 1],
    );
  });

  it("holds back what its group's limit does not admit, until something leaves", () => {
    const turns = turnsOf();
    turns.limit(ofGroup("g").spec);
    const held = [1, 2].map(() => turns.enter(ofGroup("g")).isHeld);
    assertEquals([held, turns.canPromote("g")], [[false, true], false]);

    turns.leave(ofGroup("g", { state: "ready" }));
    assertEquals(turns.canPromote("g"), true);
    turns.promote("g");

    const [group] = turns.groups;
    assertEquals([group?.claimable, group?.held, group?.leased], [1, 0, 0]);
  });

  it("keeps the limit of a group that was forgotten while all its tasks were scheduled", () => {
    const turns = turnsOf();

    assertEquals(
      [1, 2].map(() => turns.enter(ofGroup("g")).isHeld),
      [false, true],
    );
  });

  it("keeps the tag of what was given back", () => {
    const turns = turnsOf();
    for (let n = 0; n < 3; n += 1) turns.enter(aTask({}));

    assertEquals(turns.enter(aTask({ state: "leased" }), 1).tag, 1);
    assertEquals(turns.finish, 3);
  });

  it("moves the clock of fairness with each start, and never back", () => {
    const turns = turnsOf();
    turns.start(aTask({ state: "ready", tag: 5 }));
    turns.start(aTask({ state: "ready", tag: 2 }));

    assertEquals(turns.virtualTime, 5);
    assertEquals(turns.enter(aTask({})).tag, 5);
  });
});
