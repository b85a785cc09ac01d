/** One seed, from its plan to what is wrong with the outcome. @module */

import { outcomeByChance } from "./attempt-outcome.ts";
import { createChance } from "./chance.ts";
import { Client } from "./client.ts";
import type { Mutation } from "./mutations.ts";
import { aftermathOf, type Outcome, sumsOf } from "./outcome.ts";
import { planOf } from "./plan.ts";
import { storyOf } from "./story.ts";
import { World } from "./world.ts";

/** Run a seed. */
export async function simulate(seed: number, mutation: Mutation = "none"): Promise<Outcome> {
  const chance = createChance(seed);
  const plan = planOf(chance);
  const world = new World(chance, {
    ...{ surroundings: plan, mutation, outcomeOf: outcomeByChance },
    clients: Array.from({ length: plan.clients }, () => (needs) => new Client(needs)),
  });
  const isQuiet = await world.run((clients) => {
    for (const errand of plan.errands) clients[errand.client]?.run(errand);
  });
  const isClockSteady = plan.faults.every(({ kind }) => kind !== "wall-jump");
  const aftermath = await aftermathOf(world, isQuiet, { mutation, isClockSteady });
  const { remains, faults } = aftermath;
  return {
    ...{ seed, faults, digest: world.scheduler.digest >>> 0 },
    sums: sumsOf(world, aftermath),
    story: () => storyOf(plan.faults, remains),
  };
}
