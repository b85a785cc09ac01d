/** What `npm test` runs, in order. @module */

import { readdir } from "node:fs/promises";
import { join } from "node:path";

/** A program that tests. */
export interface Run {
  readonly command: readonly string[];
  /** By when it must have ended. */
  readonly limitMs: number;
  /** What it tests, where a suite has more than one. */
  readonly subject?: string;
}

/** Programs whose sums are told in one line. */
export interface Suite {
  readonly name: string;
  /** `report` is where a test runner writes its JUnit file. */
  readonly runs: readonly ((report: string) => Run)[];
}

const MINUTE_MS = 60_000;

/** Folders whose tests run on every host; the rest needs Node (`workerd`, Chromium, the compiler). */
const PORTABLE = ["unit", "contract", "integration", "mesh"];
const ON_NODE = ["architecture", "browser", "edge", "package", "simulation"];

const bin = (name: string): string => join("node_modules", ".bin", name);

async function testFiles(folder: string): Promise<string[]> {
  const found = await readdir(join("tests", folder), { recursive: true }).catch(() => []);
  return found
    .filter((file) => file.endsWith(".test.ts"))
    .map((file) => join("tests", folder, file))
    .sort();
}

const once = (limitMs: number, ...command: readonly string[]): Suite["runs"] => [
  () => ({ command, limitMs }),
];

const onNode = (subject: string, files: readonly string[]) => (report: string) => ({
  command: [
    bin("node"),
    ...["--test", "--test-isolation=none", "--expose-gc"],
    ...["--test-reporter=junit", `--test-reporter-destination=${report}`],
    ...["--test-reporter=dot", "--test-reporter-destination=stdout"],
    ...files,
  ],
  limitMs: 6 * MINUTE_MS,
  subject,
});

/** Every suite; paths are relative to the project. */
export async function suites(): Promise<readonly Suite[]> {
  const [unit = [], ...others] = await Promise.all(PORTABLE.map(testFiles));
  const portable = [...unit, ...others.flat()];
  const nodeOnly = (await Promise.all(ON_NODE.map(testFiles))).flat();
  return [
    { name: "lint", runs: once(2 * MINUTE_MS, bin("biome"), "check", ".") },
    { name: "types", runs: once(3 * MINUTE_MS, bin("tsc"), "-p", "tsconfig.json") },
    { name: "types-web", runs: once(3 * MINUTE_MS, bin("tsc"), "-p", "tsconfig.web.json") },
    {
      name: "node",
      // What may hang has a process of its own: it is known by its name and holds up no other.
      runs: [
        onNode("tests/unit", unit),
        ...[...others.flat(), ...nodeOnly].map((file) => onNode(file, [file])),
      ],
    },
    {
      name: "bun",
      runs: [
        (report) => ({
          command: [
            ...[bin("bun"), "test", "--isolate", "--timeout=60000"],
            ...["--reporter=junit", `--reporter-outfile=${report}`],
            ...portable.map((file) => `./${file}`),
          ],
          limitMs: 10 * MINUTE_MS,
        }),
      ],
    },
    {
      name: "deno",
      runs: [
        (report) => ({
          command: [
            ...[bin("deno"), "test", "-A", "--no-check", "--quiet", `--junit-path=${report}`],
            ...portable,
          ],
          limitMs: 10 * MINUTE_MS,
        }),
      ],
    },
    {
      name: "simulation",
      runs: once(
        5 * MINUTE_MS,
        ...[bin("node"), "tests/simulation/queue/run.ts", "--seeds", "20000"],
      ),
    },
    {
      name: "conformance",
      runs: once(10 * MINUTE_MS, bin("node"), "tests/conformance/run.ts"),
    },
  ];
}
