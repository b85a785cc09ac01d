/**
 * Kills, stops and cuts off real processes under load, and counts what came of it.
 *
 *     npm run test:chaos -- [--suite queue] [--seconds 60] [--seed 1] [--duplicates 2]
 *     npm run test:chaos -- --suite workflow [--tries 20] [--seed 1]
 *
 * The seed decides what is done to whom and for how long; when processes come to which point is the
 * machine's affair, so a seed repeats a plan and not a run. Ends with 0 only if nothing is wrong.
 *
 * @module
 */

import process from "node:process";
import { parseArgs } from "node:util";
import { runQueueSuite } from "./queue-suite.ts";
import type { Outcome, SuiteOptions } from "./suite.ts";
import { runWorkflowSuite } from "./workflow-suite.ts";

type Clean = () => Promise<void>;

const SUITES: ReadonlyMap<
  string,
  (t: { after(clean: Clean): void }, options: SuiteOptions) => Promise<Outcome>
> = new Map([
  ["queue", runQueueSuite],
  ["workflow", runWorkflowSuite],
]);

const { values: flags } = parseArgs({
  options: {
    suite: { type: "string", default: "queue" },
    seconds: { type: "string", default: "60" },
    tries: { type: "string", default: "20" },
    seed: { type: "string" },
    // Of a short run on a busy machine a few are a large share.
    duplicates: { type: "string", default: "2" },
  },
});

const seconds = wholeOf("--seconds", flags.seconds);
const tries = wholeOf("--tries", flags.tries);
const seed = flags.seed === undefined ? Date.now() % 1_000_000 : wholeOf("--seed", flags.seed);
const duplicates = wholeOf("--duplicates", flags.duplicates);
const suite = SUITES.get(flags.suite);
if (!suite) throw new Error(`--suite ${flags.suite}: there is ${[...SUITES.keys()].join(", ")}`);

const cleans: Clean[] = [];
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130));
const size = flags.suite === "queue" ? `${seconds} s` : `${tries} tries`;
console.log(`chaos: ${flags.suite}, ${size}, seed ${seed}`);
try {
  const after = (clean: Clean): void => void cleans.push(clean);
  const say = (what: string): void => console.log(what);
  const { figures, faults } = await suite({ after }, { seconds, tries, seed, duplicates, say });
  const width = Math.max(...Object.keys(figures).map(({ length }) => length));
  for (const [name, value] of Object.entries(figures)) {
    console.log(`${name.padEnd(width)}  ${value}`);
  }
  for (const fault of faults) console.log(`wrong: ${fault}`);
  console.log(faults.length === 0 ? "as promised" : `not as promised; seed ${seed}`);
  process.exitCode = faults.length === 0 ? 0 : 1;
} finally {
  for (const clean of cleans) await clean();
}

function wholeOf(flag: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new Error(`${flag} ${text}: give a whole number`);
}
