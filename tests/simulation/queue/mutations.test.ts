/** The simulation is worth something only if it misses each guard that is taken away. @module */

import { describe, it } from "node:test";
import { assert } from "@std/assert";
import { MUTATIONS, type Mutation } from "./mutations.ts";
import type { Outcome } from "./outcome.ts";
import { simulate } from "./simulate.ts";

/** Seeds within which a mutant has to be found. */
const MAX_SEEDS = 2_000;

async function firstFailure(mutation: Mutation): Promise<Outcome | undefined> {
  for (let seed = 1; seed <= MAX_SEEDS; seed += 1) {
    const outcome = await simulate(seed, mutation);
    if (outcome.faults.length > 0) return outcome;
  }
  return undefined;
}

describe("the simulation of the queue", () => {
  for (const mutation of MUTATIONS) {
    it(`finds the mutant ${mutation}`, { timeout: 120_000 }, async () => {
      const found = await firstFailure(mutation);

      assert(found, `${mutation} survived ${MAX_SEEDS} seeds`);
      console.log(`${mutation}: found by seed ${found.seed}: ${found.faults[0]}`);
    });
  }
});
