/** Workflows of a seed, from their plan to what is wrong with the outcome. @module */

import { createChance } from "../queue/chance.ts";
import type { Moment } from "../queue/disk.ts";
import { aftermathOf, type Outcome, sumsOf } from "../queue/outcome.ts";
import { storyOf } from "../queue/story.ts";
import { World } from "../queue/world.ts";
import { attachRuns } from "./attached.ts";
import { outcomeOfCall } from "./calls.ts";
import { RunClient } from "./client.ts";
import { type WorkflowMutation, withoutCounts } from "./mutations.ts";
import { calmPlanOf, stormyPlanOf } from "./plan.ts";
import { runFaults } from "./verdict.ts";

/** How a run of the simulation is to go. */
export interface Weather {
  readonly mutation: WorkflowMutation;
  /** Nothing goes wrong of itself. */
  readonly isCalm?: boolean;
  /** The owner dies there. */
  readonly death?: Moment;
}

/** Run a seed in a world in which everything goes wrong. */
export function simulateWorkflows(
  seed: number,
  mutation: WorkflowMutation = "none",
): Promise<Outcome> {
  return simulateIn(seed, { mutation });
}

/** Run a seed; `hasDied` tells whether the place at which the owner was to die was reached. */
export async function simulateIn(
  seed: number,
  { mutation, isCalm = false, death }: Weather,
): Promise<Outcome & { readonly hasDied: boolean }> {
  const chance = createChance(seed);
  const plan = isCalm ? calmPlanOf(seed, chance) : stormyPlanOf(seed, chance);
  const disk = mutation === "no-fsync" ? mutation : "none";
  const world = new World(chance, {
    ...{ surroundings: plan, mutation: disk, outcomeOf: outcomeOfCall, death },
    clients: Array.from({ length: plan.clients }, () => (needs) => new RunClient(needs)),
    attach: attachRuns(mutation),
    ...(mutation === "counts-in-memory" && { written: withoutCounts() }),
  });
  const isQuiet = await world.run((clients) => {
    for (const errand of plan.errands) clients[errand.client]?.run(errand);
  });
  const isClockSteady = plan.faults.every(({ kind }) => kind !== "wall-jump");
  const about = { mutation: disk, isClockSteady } as const;
  const aftermath = await aftermathOf(world, isQuiet, about);
  const { remains, events, faults } = aftermath;
  return {
    ...{ seed, digest: world.scheduler.digest >>> 0, hasDied: world.hasDied },
    faults: [...faults, ...(remains ? runFaults(remains, events, plan.errands) : [])],
    sums: sumsOf(world, aftermath),
    story: () => storyOf(plan.faults, remains),
  };
}
