/** Workflows whose owner dies, once, at each place of its journal. @module */

import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { simulateDeaths } from "./positions.ts";
import { simulateIn } from "./simulate.ts";

/** Graphs of 3 to 25 nodes. */
const SEEDS = 10;
/** So many places they have at the least, else they are too small to tell anything. */
const PLACES = 200;

describe("a workflow whose owner dies", { timeout: 120_000 }, () => {
  it("comes to what its graph comes to, whichever place of the journal that is at", async () => {
    let places = 0;
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const deaths = await simulateDeaths(seed);

      assertEquals(deaths.faults, [], `seed ${seed}`);
      places += deaths.places;
    }
    assert(places >= PLACES, `only ${places} places`);
    console.log(`${SEEDS} workflows, ${places} places in their journals`);
  });

  it("has every commit of its calm course among these places", async () => {
    const calm = await simulateIn(1, { mutation: "none", isCalm: true });

    const { places, sums } = await simulateDeaths(1);

    // One before each commit and one after it; taking the queue over is one that logs nothing.
    assertEquals(places, 2 * (calm.sums.commits + 1));
    assertEquals(sums.ownerCrashes, places);
  });
});
