/** Workflows in the simulation: whatever goes wrong, each comes to what its graph comes to. @module */

import { before, describe, it } from "node:test";
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { noSums, type Sums } from "../queue/outcome.ts";
import { runSeeds } from "../run-thread.ts";
import { simulateWorkflows } from "./simulate.ts";

/** What must happen in the first few hundred runs, else the simulation looks at too little. */
const REACHED: readonly string[] = [
  ...["submit-run: ok", "pause-run: ok", "resume-run: ok", "settled: ok", "claim: ok"],
  ...["complete: ok", "complete: lease_lost", "complete: storage_failed", "fail: ok"],
  ...["give-back: ok", "heartbeat: ok", "progress: ok"],
  ...["event: submitted", "event: advanced", "event: claimed", "event: completed"],
  ...["event: failed", "event: lost", "event: returned", "event: stale", "event: cancelled"],
  ...["workflow: done", "workflow: failed", "workflow.map: done", "workflow.map: failed"],
  ...["workflow.branch: done", "workflow.branch: failed", "workflow.loop: done"],
  ...["workflow.loop: failed", "workflow.wait: done", "workflow.wait: failed"],
  ...["workflow.collect: done", "workflow.skipped: cancelled", "end: dead"],
];

describe("simulated workflows", () => {
  it("are the same for the same seed, to the last event", async () => {
    for (const seed of [1, 2, 3]) {
      const [first, second] = [await simulateWorkflows(seed), await simulateWorkflows(seed)];

      assertEquals(second.digest, first.digest);
      assertEquals(second.story(), first.story());
      assertEquals(second.sums, first.sums);
    }
    assertNotEquals((await simulateWorkflows(1)).digest, (await simulateWorkflows(2)).digest);
  });
});

describe("the workflows of three hundred seeds", { timeout: 120_000 }, () => {
  let sums: Sums = noSums();
  before(async () => {
    const errand = { suite: "workflow", from: 1, count: 300, mutation: "none" };
    const report = await runSeeds(errand);
    assertEquals(report.failed, []);
    ({ sums } = report);
  });

  it("reach every kind of node, and most ways in which one can end", () => {
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
});
