/**
 * `npm test`: every suite, one line of progress each, one closing line with the sums.
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
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { type Sums, sumsOf } from "./test/junit.ts";
import { type Suite, suites } from "./test/suites.ts";
import { supervise } from "./test/supervise.ts";

/** Parts of a suite that take longer are told, so that who waits sees what it waits for. */
const SLOW_MS = 20_000;
const TAIL_LINES = 400;

const secondsSince = (startedAt: number): string =>
  `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;

async function runSuite({ name, runs }: Suite, folder: string): Promise<Sums> {
  const startedAt = performance.now();
  const title = `${name.padEnd(12)} … `;
  process.stdout.write(title);
  let isTold = false;
  const tell = (...lines: readonly string[]): void => {
    if (lines.length > 0 && !isTold) console.log();
    isTold ||= lines.length > 0;
    for (const line of lines) console.log(line);
  };
  const sums: Sums = { passed: 0, failed: 0, skipped: 0, left: [] };
  for (const [index, toRun] of runs.entries()) {
    const runStartedAt = performance.now();
    const report = join(folder, `${name}-${index}.xml`);
    const { command, limitMs, subject = name } = toRun(report);
    const { code, output, faults } = await supervise(command, limitMs);
    const one = await sumsOf(report, code);
    const failed = one.failed || Math.sign(faults.length);
    sums.passed += one.passed;
    sums.failed += failed;
    sums.skipped += one.skipped;
    tell(...one.left.map((line) => `  skipped: ${line}`));
    const took = secondsSince(runStartedAt);
    if (failed > 0) tell(`${subject} failed after ${took}`, ...faults, tailOf(output));
    else if (runs.length > 1 && performance.now() - runStartedAt > SLOW_MS) {
      tell(`  ${subject} took ${took}`);
    }
  }
  const { passed, failed, skipped } = sums;
  const counts = `${passed} passed, ${failed} failed, ${skipped} skipped`;
  console.log(`${isTold ? title : ""}${counts}  ${secondsSince(startedAt)}`);
  return sums;
}

function tailOf(output: string): string {
  return output.trimEnd().split("\n").slice(-TAIL_LINES).join("\n");
}

process.chdir(join(import.meta.dirname, ".."));
const wanted = process.argv.slice(2);
const chosen = (await suites()).filter(
  ({ name }) => wanted.length === 0 || wanted.some((word) => name.startsWith(word)),
);
const folder = await mkdtemp(join(tmpdir(), "mcpp-test-"));
const total = { passed: 0, failed: 0, skipped: 0 };
try {
  for (const suite of chosen) {
    const { passed, failed, skipped } = await runSuite(suite, folder);
    total.passed += passed;
    total.failed += failed;
    total.skipped += skipped;
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed === 0 && total.passed > 0 ? 0 : 1);
