/** A thread of `run.ts`: runs the seeds that it is given, and says how they ended. @module */

import { parentPort } from "node:worker_threads";
import { addSums, noSums, type Outcome, type Sums } from "./queue/outcome.ts";
import { suiteNamed } from "./suites.ts";

/** Seeds to run. */
export interface Errand {
  readonly from: number;
  readonly count: number;
  readonly suite: string;
  readonly mutation: string;
}

/** How they ended. */
export interface Report {
  readonly sums: Sums;
  /** Of all that happened in them, in whatever order they ran. */
  readonly digest: number;
  readonly failed: readonly Pick<Outcome, "seed" | "faults">[];
}

/** Run them. */
export async function runSeeds({ from, count, suite, mutation }: Errand): Promise<Report> {
  const { simulate } = suiteNamed(suite);
  const sums = noSums();
  const failed: Pick<Outcome, "seed" | "faults">[] = [];
  let digest = 0;
  for (let seed = from; seed < from + count; seed += 1) {
    const outcome = await simulate(seed, mutation);
    addSums(sums, outcome.sums);
    digest = (digest + Math.imul(outcome.digest, seed)) >>> 0;
    if (outcome.faults.length > 0) failed.push({ seed, faults: outcome.faults });
  }
  return { sums, digest, failed };
}

parentPort?.on("message", (errand: Errand) => {
  // What fails here fails the thread, and with it the run.
  void runSeeds(errand).then((report) => parentPort?.postMessage(report));
});
