/**
 * `npm test`: every suite, one line of progress each, one closing line with the sums.
 *
 *   npm test                    all suites
 *   npm test -- node deno       those whose name begins so
 *
 * Each test runner writes a JUnit file, which all three can; the sums are counted from those.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

interface Sums {
  passed: number;
  failed: number;
  skipped: number;
  /** What was skipped, with the reason where the runner tells it. */
  readonly left: string[];
}

interface Suite {
  readonly name: string;
  readonly command: (report: string) => readonly string[];
}

const root = join(import.meta.dirname, "..");
const bin = (name: string): string => join(root, "node_modules", ".bin", name);

/** Folders whose tests run on every host; the rest needs Node (`workerd`, Chromium, the compiler). */
const PORTABLE = ["unit", "contract", "integration", "mesh"];
const ON_NODE = ["architecture", "browser", "edge", "package", "simulation"];

async function testFiles(folder: string): Promise<string[]> {
  const found = await readdir(join(root, "tests", folder), { recursive: true }).catch(() => []);
  return found
    .filter((file) => file.endsWith(".test.ts"))
    .map((file) => join("tests", folder, file))
    .sort();
}

const portable = (await Promise.all(PORTABLE.map(testFiles))).flat();
const nodeOnly = (await Promise.all(ON_NODE.map(testFiles))).flat();

const suites: readonly Suite[] = [
  { name: "lint", command: () => [bin("biome"), "check", "."] },
  { name: "types", command: () => [bin("tsc"), "-p", "tsconfig.json"] },
  { name: "types-web", command: () => [bin("tsc"), "-p", "tsconfig.web.json"] },
  {
    name: "node",
    command: (report) => [
      bin("node"),
      "--test",
      "--expose-gc",
      // A test that hangs fails its file and does not hold up the rest.
      "--test-timeout=300000",
      "--test-reporter=junit",
      `--test-reporter-destination=${report}`,
      "--test-reporter=dot",
      "--test-reporter-destination=stdout",
      ...portable,
      ...nodeOnly,
    ],
  },
  {
    name: "bun",
    command: (report) => [
      bin("bun"),
      "test",
      "--isolate",
      "--timeout=60000",
      "--reporter=junit",
      `--reporter-outfile=${report}`,
      ...portable.map((file) => `./${file}`),
    ],
  },
  {
    name: "deno",
    command: (report) => [
      bin("deno"),
      "test",
      "-A",
      "--no-check",
      "--quiet",
      `--junit-path=${report}`,
      ...portable,
    ],
  },
  {
    name: "simulation",
    command: () => [bin("node"), "tests/simulation/queue/run.ts", "--seeds", "20000"],
  },
  { name: "conformance", command: () => [bin("node"), "tests/conformance/run.ts"] },
];

function run(
  command: readonly string[],
): Promise<{ readonly code: number; readonly output: string }> {
  const [file = "", ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.once("error", reject);
    child.once("close", (code) =>
      resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString() }),
    );
  });
}

const attribute = (element: string, name: string): string =>
  new RegExp(`\\b${name}="([^"]*)"`).exec(element)?.[1] ?? "";

function skippedLine(testcase: string): string {
  const reason = attribute(/<skipped\b[^>]*>/.exec(testcase)?.[0] ?? "", "message");
  return reason ? `${attribute(testcase, "name")}: ${reason}` : attribute(testcase, "name");
}

/** Leaves of a JUnit report; a suite without one counts as a single test. */
async function sumsOf(report: string, code: number): Promise<Sums> {
  const xml = await readFile(report, "utf8").catch(() => "");
  const cases = xml.match(/<testcase\b[^>]*?(?:\/>|>[\s\S]*?<\/testcase>)/g) ?? [];
  if (cases.length === 0) {
    const isWell = code === 0;
    return { passed: isWell ? 1 : 0, failed: isWell ? 0 : 1, skipped: 0, left: [] };
  }
  const failed = cases.filter((one) => /<(?:failure|error)\b/.test(one)).length;
  const left = cases.filter((one) => /<skipped\b/.test(one)).map(skippedLine);
  const skipped = left.length;
  // A runner that fails outside its tests (a leaked error, a file that does not load) failed once.
  const outside = code !== 0 && failed === 0 ? 1 : 0;
  return { passed: cases.length - failed - skipped, failed: failed + outside, skipped, left };
}

async function runSuite({ name, command }: Suite, folder: string): Promise<Sums> {
  const startedAt = performance.now();
  process.stdout.write(`${name.padEnd(12)} … `);
  const report = join(folder, `${name}.xml`);
  const { code, output } = await run(command(report));
  const sums = await sumsOf(report, code);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const { passed, failed, skipped, left } = sums;
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped  ${seconds} s`);
  for (const line of left) console.log(`  skipped: ${line}`);
  if (failed > 0) console.log(output);
  return sums;
}

const wanted = process.argv.slice(2);
const chosen = suites.filter(
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
