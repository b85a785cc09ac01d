/**
 * The simulations, over many seeds:
 *
 *   node tests/simulation/run.ts --seeds 20000            the queue, from seed 1
 *   node tests/simulation/run.ts --seeds 500 --from 7001
 *   node tests/simulation/run.ts --seed 112               one, with its story
 *   node tests/simulation/run.ts --suite workflow         workflows on the queue
 *   node tests/simulation/run.ts --suite positions        their owner dies at each place of its journal
 *
 * `--mutation no-fence` takes a guard away, to see it missed; `--threads 1` uses one core. The exit
 * code is 1 where something was wrong. A seed runs the same way on Node, Bun and Deno.
 *
 * @module
 */

import { availableParallelism } from "node:os";
import process from "node:process";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { addSums, noSums, type Sums } from "./queue/outcome.ts";
import type { Errand, Report } from "./run-thread.ts";
import { suiteNamed } from "./suites.ts";

/** Seeds that a thread is given at a time. */
const PORTION = 100;
/** Failed seeds that are told of. */
const MAX_TOLD = 10;

const { values } = parseArgs({
  options: {
    suite: { type: "string", default: "queue" },
    seeds: { type: "string", default: "1000" },
    from: { type: "string", default: "1" },
    seed: { type: "string" },
    mutation: { type: "string", default: "none" },
    threads: { type: "string", default: String(Math.min(4, availableParallelism())) },
  },
});

const { suite, mutation } = values;
const again = (seed: number): string => {
  const mutant = mutation === "none" ? "" : ` --mutation ${mutation}`;
  return `node tests/simulation/run.ts --suite ${suite} --seed ${seed}${mutant}`;
};

/** Portions of the seeds, each taken once. */
function* portionsOf(from: number, seeds: number): Generator<Errand> {
  for (let at = 0; at < seeds; at += PORTION) {
    yield { from: from + at, count: Math.min(PORTION, seeds - at), suite, mutation };
  }
}

/** A thread that takes portions until there are none. */
function runThread(portions: Iterator<Errand>, done: (report: Report) => void): Promise<void> {
  const thread = new Worker(new URL("./run-thread.ts", import.meta.url));
  return new Promise<void>((resolve, reject) => {
    const next = (): void => {
      const { value, done: isOver } = portions.next();
      if (isOver) resolve();
      else thread.postMessage(value);
    };
    thread.on("message", (report: Report) => {
      done(report);
      next();
    });
    thread.on("error", reject);
    next();
  }).finally(() => void thread.terminate());
}

async function runAll(from: number, seeds: number): Promise<Report> {
  const sums = noSums();
  const failed: Report["failed"][number][] = [];
  let digest = 0;
  const portions = portionsOf(from, seeds);
  const done = (report: Report): void => {
    addSums(sums, report.sums);
    failed.push(...report.failed);
    digest = (digest + report.digest) >>> 0;
  };
  const threads = Math.max(1, Number(values.threads));
  await Promise.all(Array.from({ length: threads }, () => runThread(portions, done)));
  return { sums, digest, failed: failed.toSorted((a, b) => a.seed - b.seed) };
}

function print({ sums, digest, failed }: Report, seconds: number): void {
  const each = (sums.executions / Math.max(1, sums.tasks)).toFixed(3);
  console.log(`${sums.seeds} seeds in ${seconds.toFixed(1)} s: ${rateOf(sums, seconds)}`);
  console.log(
    `${sums.tasks} tasks, ${sums.executions} executions (${each} per task), ` +
      `${sums.duplicates} done for nothing, ${sums.staleRefused} stale words refused`,
  );
  console.log(
    `${sums.ownerCrashes} crashes of the owner, ${sums.workerCrashes} of workers; ` +
      `${sums.lostMessages} messages lost, ${sums.doubledMessages} doubled; ` +
      `${sums.commits} commits`,
  );
  console.log(`digest ${digest.toString(16).padStart(8, "0")}, the same on each host`);
  for (const { seed, faults } of failed.slice(0, MAX_TOLD)) {
    console.log(`\nseed ${seed}: ${faults.join("\n  ")}\n  again: ${again(seed)}`);
  }
  console.log(failed.length === 0 ? "no violation" : `\n${failed.length} seeds violated a rule`);
}

function rateOf({ seeds, happenings }: Sums, seconds: number): string {
  const perSecond = (count: number): string => Math.round(count / seconds).toLocaleString("en");
  return `${perSecond(seeds)} seeds/s, ${perSecond(happenings)} events/s`;
}

/** One seed and what happened in it; returns whether all was well. */
async function tell(seed: number): Promise<boolean> {
  const { faults, story } = await suiteNamed(suite).simulate(seed, mutation);
  for (const line of story()) console.log(line);
  for (const fault of faults) console.log(`VIOLATION ${fault}`);
  if (faults.length === 0) console.log("no violation");
  return faults.length === 0;
}

const startedAt = performance.now();
let isWell: boolean;
if (values.seed === undefined) {
  const report = await runAll(Number(values.from), Number(values.seeds));
  print(report, (performance.now() - startedAt) / 1000);
  isWell = report.failed.length === 0 && report.sums.seeds > 0;
} else isWell = await tell(Number(values.seed));
process.exit(isWell ? 0 : 1);
