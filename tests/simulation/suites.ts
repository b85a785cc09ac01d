/** What can be simulated. @module */

import { MUTATIONS } from "./queue/mutations.ts";
import type { Outcome } from "./queue/outcome.ts";
import { simulate } from "./queue/simulate.ts";
import { FLOW_MUTATIONS, WORKFLOW_MUTATIONS } from "./workflow/mutations.ts";
import { simulateDeaths } from "./workflow/positions.ts";
import { simulateWorkflows } from "./workflow/simulate.ts";

/** One of them. */
export interface Suite {
  /** Guards that can be taken away. */
  readonly mutations: readonly string[];
  /** Run a seed; throws where there is no such mutation. */
  simulate(seed: number, mutation: string): Promise<Outcome>;
}

/** By their names. */
export const SUITES: ReadonlyMap<string, Suite> = new Map([
  ["queue", suiteOf(MUTATIONS, simulate)],
  ["workflow", suiteOf(WORKFLOW_MUTATIONS, simulateWorkflows)],
  ["positions", suiteOf(FLOW_MUTATIONS, simulateDeaths)],
]);

/** The suite of this name. */
export function suiteNamed(name: string): Suite {
  const suite = SUITES.get(name);
  if (suite) return suite;
  throw new Error(`"${name}" is no suite: choose ${[...SUITES.keys()].join(", ")}`);
}

function suiteOf<M extends string>(
  mutations: readonly M[],
  run: (seed: number, mutation: M | "none") => Promise<Outcome>,
): Suite {
  return {
    mutations,
    async simulate(seed, name) {
      const mutation = (["none", ...mutations] as const).find((one) => one === name);
      if (mutation) return run(seed, mutation);
      throw new Error(`"${name}" is no mutation: choose none, ${mutations.join(", ")}`);
    },
  };
}
