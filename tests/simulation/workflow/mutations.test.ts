/** The simulation of workflows is worth something only if it misses each guard that is taken away. @module */

import { describe, it } from "node:test";
import { assert } from "@std/assert";
import { type FlowMutation, WORKFLOW_MUTATIONS } from "./mutations.ts";
import { simulateDeaths } from "./positions.ts";
import { simulateWorkflows } from "./simulate.ts";

/** Seeds within which a mutant has to be found: as many as every test run goes through. */
const MAX_SEEDS = 300;
/** A workflow by whose journal mutants have to be found, also in the middle of it. */
const SEED = 2;
const MIN_PLACES: readonly (readonly [FlowMutation, places: number])[] = [
  ["second-transaction", 5],
  ["counts-in-memory", 2],
];

describe("the simulation of workflows", () => {
  for (const mutation of WORKFLOW_MUTATIONS) {
    it(`finds the mutant ${mutation}`, { timeout: 120_000 }, async () => {
      for (let seed = 1; seed <= MAX_SEEDS; seed += 1) {
        const { faults } = await simulateWorkflows(seed, mutation);
        if (faults.length === 0) continue;
        console.log(`${mutation}: found by seed ${seed}: ${faults[0]}`);
        return;
      }
      assert(false, `${mutation} survived ${MAX_SEEDS} seeds`);
    });
  }
});

describe("deaths at each place of a journal", () => {
  for (const [mutation, least] of MIN_PLACES) {
    it(`find the mutant ${mutation}`, { timeout: 120_000 }, async () => {
      const { places, failed } = await simulateDeaths(SEED, mutation);

      console.log(`${mutation}: found at ${failed} of ${places} places`);
      assert(failed >= least, `only at ${failed} of ${places} places`);
    });
  }
});
