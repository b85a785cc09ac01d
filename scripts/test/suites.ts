/** What `npm test` runs. @module */

import { writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

/** A program that tests. */
export interface TestRun {
  /** `report` is where a test runner writes its JUnit file. */
  readonly command: (report: string) => readonly string[];
  /** By when it must have ended. */
  readonly limitMs: number;
  /** What it tests, where a suite has more than one. */
  readonly subject?: string;
}

/** Programs whose sums are told in one line. */
export interface Suite {
  readonly name: string;
  readonly runs: readonly TestRun[];
}

const MINUTE_MS = 60_000;

/** Folders whose tests run on every host; the rest needs Node (`workerd`, Chromium, the compiler). */
const PORTABLE = ["unit", "contract", "integration", "mesh"];
const ON_NODE = ["architecture", "browser", "edge", "package", "simulation"];

const bin = (name: string): string => join("node_modules", ".bin", name);

/** Every suite, what takes long first; paths are relative to the project. */
export async function suites(): Promise<readonly Suite[]> {
  const [unit = [], ...others] = await Promise.all(PORTABLE.map(testFiles));
  const portable = others.flat();
  const nodeOnly = (await Promise.all(ON_NODE.map(testFiles))).flat();
  const simulation = ["tests/simulation/run.ts", "--seeds", "20000"];
  return [
    single("lint", 3, bin("biome"), "check", "."),
    single("types", 5, bin("tsc"), "-p", "tsconfig.json"),
    single("types-web", 5, bin("tsc"), "-p", "tsconfig.web.json"),
    { name: "deno", runs: [onDeno("tests", portable), unitOnDeno(unit)] },
    { name: "bun", runs: [onBun("tests", portable, "--isolate"), onBun("tests/unit", unit)] },
    single("conformance", 15, bin("node"), "tests/conformance/run.ts"),
    single("simulation", 10, bin("node"), ...simulation),
    {
      name: "node",
      // What may hang has a process of its own: it is known by its name and holds up no other.
      runs: [
        onNode("tests/unit", unit),
        ...[...portable, ...nodeOnly].sort(longestFirst).map((file) => onNode(file, [file])),
      ],
    },
  ];
}

/** What takes minutes begins while there is other work for the other lane. */
const LONG = ["tests/mesh/large-mesh.test.ts"];

function longestFirst(a: string, b: string): number {
  return Number(LONG.includes(b)) - Number(LONG.includes(a));
}

const within = (minutes: number): Pick<TestRun, "limitMs"> => ({ limitMs: minutes * MINUTE_MS });

function single(name: string, minutes: number, ...command: readonly string[]): Suite {
  return { name, runs: [{ command: () => command, ...within(minutes) }] };
}

function onBun(subject: string, files: readonly string[], ...flags: readonly string[]): TestRun {
  const command = (report: string): readonly string[] => [
    ...[bin("bun"), "test", ...flags, "--timeout=60000"],
    ...["--reporter=junit", `--reporter-outfile=${report}`],
    ...files.map((file) => `./${file}`),
  ];
  return { command, subject, ...within(20) };
}

function onDeno(subject: string, files: readonly string[]): TestRun {
  return { command: (report) => denoTest(report, files), subject, ...within(20) };
}

/** Deno loads the product anew for each file of tests, so that those of a folder are one: half the time. */
function unitOnDeno(files: readonly string[]): TestRun {
  const command = (report: string): readonly string[] => {
    const folders = Map.groupBy(files, (file) => file.split("/").slice(2, -1)[0] ?? "top");
    const programs = [...folders].map(([folder, own]) => {
      const program = join(dirname(report), `${folder}.test.ts`);
      const imports = own.map((file) => `import "${pathToFileURL(resolve(file))}";\n`);
      writeFileSync(program, imports.join(""));
      return program;
    });
    return denoTest(report, ["--config", "deno.json", ...programs]);
  };
  return { command, subject: "tests/unit", ...within(20) };
}

function denoTest(report: string, args: readonly string[]): readonly string[] {
  return [bin("deno"), "test", "-A", "--no-check", "--quiet", `--junit-path=${report}`, ...args];
}

function onNode(subject: string, files: readonly string[]): TestRun {
  const command = (report: string): readonly string[] => [
    ...[bin("node"), "--test", "--test-isolation=none", "--expose-gc"],
    ...["--test-reporter=junit", `--test-reporter-destination=${report}`],
    ...["--test-reporter=dot", "--test-reporter-destination=stdout"],
    ...files,
  ];
  return { command, subject, ...within(10) };
}

async function testFiles(folder: string): Promise<string[]> {
  const found = await readdir(join("tests", folder), { recursive: true }).catch(() => []);
  return found
    .filter((file) => file.endsWith(".test.ts"))
    .map((file) => join("tests", folder, file))
    .sort();
}
