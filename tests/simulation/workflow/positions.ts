/** The owner dies once at each place of its journal, until there is no place left. @module */

import { addSums, noSums, type Outcome } from "../queue/outcome.ts";
import type { FlowMutation } from "./mutations.ts";
import { simulateIn } from "./simulate.ts";

/** The places of one workflow, and what came of a death at each. */
export interface Deaths extends Outcome {
  /** Places at which the owner died. */
  readonly places: number;
  /** Those that something was wrong after. */
  readonly failed: number;
}

/**
 * Run the workflow of a seed once for each commit that it makes in a calm world, and twice: with a death
 * before anything of the commit is on the disk, and with one when all of it is, and nobody knows.
 */
export async function simulateDeaths(
  seed: number,
  mutation: FlowMutation = "none",
): Promise<Deaths> {
  const sums = noSums();
  const faults: string[] = [];
  const stories: (() => readonly string[])[] = [];
  let [places, failed, digest] = [0, 0, 0];
  for (let commit = 0; ; commit += 1) {
    for (const when of ["before", "after"] as const) {
      const death = { commit, when };
      const outcome = await simulateIn(seed, { mutation, isCalm: true, death });
      // The run up to there is the same each time, so this is the end of its journal.
      if (!outcome.hasDied) {
        const story = (): readonly string[] => stories.flatMap((tell) => tell());
        return { seed, faults, digest, sums: { ...sums, seeds: 1 }, story, places, failed };
      }
      places += 1;
      addSums(sums, outcome.sums);
      digest = (Math.imul(digest, 31) + outcome.digest) >>> 0;
      if (outcome.faults.length === 0) continue;
      failed += 1;
      faults.push(...outcome.faults.map((what) => `death ${when} commit ${commit}: ${what}`));
      stories.push(() => [`death ${when} commit ${commit}`, ...outcome.story()]);
    }
  }
}
