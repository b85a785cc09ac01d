/**
 * `npm test`: every suite, a line for each, and one closing line with the sums.
 *
 *   npm test                    all suites
 *   npm test -- node deno       those whose name begins so
 *
 * Each test runner writes a JUnit file, which all three can; the sums are counted from those.
 * None may hang, or leave processes behind: both count as a failure.
 *
 * @module
 */

import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { type Sums, sumsOf } from "./test/junit.ts";
import { type Suite, suites, type TestRun } from "./test/suites.ts";
import { supervise } from "./test/supervise.ts";

/** What is run at once. Most tests wait more than they compute, and some start ten processes. */
const LANES = Math.min(4, availableParallelism());
/** Parts of a suite that take longer are told, so that who waits sees what it waits for. */
const SLOW_MS = 30_000;
const TAIL_LINES = 400;

/** A suite while it runs. */
interface Progress {
  readonly suite: Suite;
  readonly sums: Sums;
  startedAt?: number;
  left: number;
}

const secondsSince = (startedAt: number): string =>
  `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;

async function runPart(progress: Progress, part: TestRun, report: string): Promise<void> {
  const { suite, sums } = progress;
  const startedAt = performance.now();
  progress.startedAt ??= startedAt;
  const { code, output, faults } = await supervise(part.command(report), part.limitMs);
  const one = await sumsOf(report, code);
  const failed = one.failed || Math.sign(faults.length);
  sums.passed += one.passed;
  sums.failed += failed;
  sums.skipped += one.skipped;
  const took = secondsSince(startedAt);
  const { subject = suite.name } = part;
  for (const line of one.left) console.log(`  ${suite.name}, skipped: ${line}`);
  if (failed > 0) {
    for (const line of [`${subject} failed after ${took}`, ...faults, tailOf(output)]) {
      console.log(line);
    }
  } else if (part.subject && performance.now() - startedAt > SLOW_MS) {
    console.log(`  ${suite.name}: ${subject} took ${took}`);
  }
  progress.left -= 1;
  if (progress.left === 0) console.log(lineOf(progress));
}

function lineOf({ suite, sums, startedAt = 0 }: Progress): string {
  const counts = `${sums.passed} passed, ${sums.failed} failed, ${sums.skipped} skipped`;
  return `${suite.name.padEnd(12)} … ${counts}  ${secondsSince(startedAt)}`;
}

function tailOf(output: string): string {
  return output.trimEnd().split("\n").slice(-TAIL_LINES).join("\n");
}

/** Run the suites, some of their parts at once; the sums of all. */
async function runAll(chosen: readonly Suite[], folder: string): Promise<Omit<Sums, "left">> {
  const all = chosen.map((suite): Progress => {
    const sums = { passed: 0, failed: 0, skipped: 0, left: [] };
    return { suite, sums, left: suite.runs.length };
  });
  const parts = all.flatMap((progress) => progress.suite.runs.map((run) => ({ progress, run })));
  let started = 0;
  const work = async (): Promise<void> => {
    for (let part = parts[started]; part; part = parts[started]) {
      started += 1;
      const report = join(folder, `${started}.xml`);
      await runPart(part.progress, part.run, report);
    }
  };
  await Promise.all(Array.from({ length: LANES }, work));
  const sumOf = (count: "passed" | "failed" | "skipped"): number =>
    all.reduce((sum, { sums }) => sum + sums[count], 0);
  return { passed: sumOf("passed"), failed: sumOf("failed"), skipped: sumOf("skipped") };
}

process.chdir(join(import.meta.dirname, ".."));
const wanted = process.argv.slice(2);
const chosen = (await suites()).filter(
  ({ name }) => wanted.length === 0 || wanted.some((word) => name.startsWith(word)),
);
const folder = await mkdtemp(join(tmpdir(), "mcpp-test-"));
// Node starts some hundred times for the same modules: it reads and compiles them once.
process.env.NODE_COMPILE_CACHE ??= join(folder, "compiled");
try {
  const { passed, failed, skipped } = await runAll(chosen, folder);
  console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
