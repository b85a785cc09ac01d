/** The simulation itself: the same seed is the same run, and every command is reached. @module */

import { before, describe, it } from "node:test";
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { runSeeds } from "../run-thread.ts";
import { noSums, type Sums } from "./outcome.ts";
import { simulate } from "./simulate.ts";

/** What must happen in the first few hundred runs, else the simulation looks at too little. */
const REACHED: readonly string[] = [
  ...["submit: ok", "submit: duplicate_task", "submit: queue_full", "submit: storage_failed"],
  ...["claim: ok", "heartbeat: ok", "settled: ok", "prune: ok", "resubmit: ok"],
  ...["complete: ok", "complete: lease_lost", "fail: ok", "fail: lease_lost"],
  ...["give-back: ok", "give-back: lease_lost", "progress: ok", "progress: lease_lost"],
  ...["cancel: ok", "prioritize: ok", "prioritize: invalid_input", "update: ok"],
  ...["event: submitted", "event: released", "event: claimed", "event: progressed"],
  ...["event: completed", "event: failed", "event: lost", "event: returned", "event: stale"],
  ...["event: cancel-requested", "event: cancelled", "event: updated"],
  ...["end: done", "end: failed", "end: cancelled", "end: dead"],
];

describe("a simulated run", () => {
  it("is the same for the same seed, to the last event", async () => {
    for (const seed of [1, 2, 3]) {
      const [first, second] = [await simulate(seed), await simulate(seed)];

      assertEquals(second.digest, first.digest);
      assertEquals(second.story(), first.story());
      assertEquals(second.sums, first.sums);
    }
    assertNotEquals((await simulate(1)).digest, (await simulate(2)).digest);
  });
});

describe("three hundred simulated runs", { timeout: 60_000 }, () => {
  let sums: Sums = noSums();
  before(async () => {
    const report = await runSeeds({ suite: "queue", from: 1, count: 300, mutation: "none" });
    assertEquals(report.failed, []);
    ({ sums } = report);
  });

  it("reach every command, and most ways in which it can end", () => {
    const missed = REACHED.filter((name) => !sums.reached[name]);

    assertEquals(missed, []);
  });

  it("meet with crashes, lost and doubled messages, and a disk that fails", () => {
    for (const name of [
      "ownerCrashes",
      "workerCrashes",
      "lostMessages",
      "doubledMessages",
    ] as const) {
      assert(sums[name] > 100, `${name}: ${sums[name]}`);
    }
    assert(sums.troubles > 0, "no background work ever failed");
  });

  it("do work more than once, as at-least-once has to, and seldom", () => {
    const each = sums.executions / sums.tasks;

    assert(each > 1 && each < 1.6, `${each} executions per task`);
  });
});
