/**
 * Holds the product against the MCP conformance suite: both eras, both sides, three hosts.
 *
 *     node tests/conformance/run.ts [--host node|bun|deno] [--era 2025-11-25|2026-07-28]
 *                                   [--side server|client] [--scenario name] [--verbose]
 *
 * Ends with 0 only if every scenario passes that is not in `expected-failures.yml`, and none that
 * is. Warnings count as failures.
 *
 * @module
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { forwardTo, type HostName, runSuiteProgram, startOn } from "./child.ts";
import { NOT_OFFERED } from "./not-offered.ts";
import {
  REVISIONS,
  type Revision,
  readExpectedFailures,
  readResults,
  type ScenarioResult,
  type Side,
  scenariosOf,
} from "./results.ts";

/** A row of the table. */
interface Row {
  readonly host: HostName;
  readonly side: Side;
  readonly what: string;
  readonly results: readonly ScenarioResult[];
}

const HOSTS = ["node", "bun", "deno"] as const;

/** These need no fixtures, so the default view must pass them as well. */
const DEFAULT_VIEW: Readonly<Record<Revision, readonly string[]>> = {
  "2025-11-25": ["tools-list", "dns-rebinding-protection"],
  "2026-07-28": [
    "tools-list",
    "server-stateless",
    "dns-rebinding-protection",
    "caching",
    "http-header-validation",
  ],
};

const SCENARIO_MS = 30_000;
const PROGRAM_MS = 120_000;

const { values: flags } = parseArgs({
  options: {
    host: { type: "string" },
    era: { type: "string" },
    side: { type: "string" },
    scenario: { type: "string" },
    verbose: { type: "boolean", default: false },
  },
});

const chosen = <T extends string>(all: readonly T[], flag: string | undefined): readonly T[] => {
  const matching = all.filter((one) => flag === undefined || one === flag);
  if (matching.length === 0) throw new Error(`"${flag}" is none of ${all.join(", ")}`);
  return matching;
};

const hosts = chosen(HOSTS, flags.host);
const revisions = chosen(REVISIONS, flags.era);
const sides = chosen(["server", "client"] as const, flags.side);

type Scenarios = Awaited<ReturnType<typeof scenariosOf>>;

/** Run some scenarios of the suite, each in a process of the suite's own or all in one. */
async function runSuite(side: Side, args: readonly string[], run: SuiteRun): Promise<Row> {
  const { host, what, revision, scenarios } = run;
  const folder = await mkdtemp(join(tmpdir(), "mcpp-conformance-"));
  const common = [side, ...args, "--timeout", String(SCENARIO_MS), "-o", folder];
  try {
    if (!run.oneByOne) {
      const all = [...common, "--requirements", revision];
      tell(await runSuiteProgram(all, PROGRAM_MS));
    } else {
      for (const name of scenarios.keys()) {
        const one = [...common, "--scenario", name, "--spec-version", revision, "--force"];
        tell(await runSuiteProgram(one, PROGRAM_MS));
      }
    }
    return { host, side, what, results: await readResults(folder, scenarios) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface SuiteRun {
  readonly host: HostName;
  readonly what: string;
  readonly revision: Revision;
  readonly scenarios: Scenarios;
  readonly oneByOne: boolean;
}

function tell(output: string): void {
  if (flags.verbose) console.log(output);
}

/** Those named by `--scenario`, or all. */
const narrowed = (scenarios: Scenarios): Scenarios =>
  new Map([...scenarios].filter(([name]) => !flags.scenario || name === flags.scenario));

async function testServer(host: HostName): Promise<readonly Row[]> {
  await using server = await startOn(host, "server.ts");
  const origin = `http://127.0.0.1:${server.port}`;
  const rows: Row[] = [];
  for (const revision of revisions) {
    const scenarios = narrowed(await scenariosOf(revision, "server"));
    const flat = {
      host,
      what: revision,
      revision,
      scenarios,
      oneByOne: flags.scenario !== undefined,
    };
    rows.push(await runSuite("server", ["--url", `${origin}/mcp/flat`], flat));
    const shared = DEFAULT_VIEW[revision].map((name) => [name, { isRequired: true }] as const);
    const what = `${revision}, default view`;
    const meta = { host, what, revision, scenarios: narrowed(new Map(shared)), oneByOne: true };
    rows.push(await runSuite("server", ["--url", `${origin}/mcp`], meta));
  }
  return rows;
}

async function testClient(host: HostName): Promise<readonly Row[]> {
  await using client = await startOn(host, "client.ts");
  const command = forwardTo(client.port);
  const rows: Row[] = [];
  for (const revision of revisions) {
    const scenarios = narrowed(await scenariosOf(revision, "client"));
    const oneByOne = flags.scenario !== undefined;
    const run = { host, what: revision, revision, scenarios, oneByOne };
    rows.push(await runSuite("client", ["--command", command], run));
  }
  return rows;
}

const countOf = (results: readonly ScenarioResult[]): string =>
  results.length === 0
    ? "–"
    : `${results.filter(({ faults }) => faults.length === 0).length}/${results.length}`;

/** Print a row with what is unexpected in it; returns how much that is. */
function report({ host, side, what, results }: Row, expected: readonly string[]): number {
  const required = countOf(results.filter(({ isRequired }) => isRequired));
  const extra = countOf(results.filter(({ isRequired }) => !isRequired));
  const columns = [host.padEnd(5), side.padEnd(7), what.padEnd(25), required.padStart(8)];
  console.log(`${columns.join("  ")}  ${extra.padStart(10)}`);
  let unexpected = 0;
  for (const { scenario, faults } of results) {
    const isExpected = expected.includes(scenario);
    if (isExpected === faults.length > 0) continue;
    unexpected += 1;
    const why = isExpected ? ["it passes: take it out of expected-failures.yml"] : faults;
    for (const line of why) console.log(`       ${scenario}: ${line}`);
  }
  return unexpected;
}

const startedAt = performance.now();
const expected = await readExpectedFailures();
console.log(`host   side     what                       required  not scored`);
let unexpected = 0;
for (const side of sides) {
  const test = side === "server" ? testServer : testClient;
  for (const host of hosts) {
    for (const row of await test(host)) unexpected += report(row, expected[side]);
  }
}
if (sides.includes("client")) console.log(`not offered, not run: ${[...NOT_OFFERED].join(", ")}`);
const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
console.log(
  unexpected === 0
    ? `as expected, in ${seconds} s`
    : `${unexpected} unexpected results, in ${seconds} s`,
);
process.exitCode = unexpected === 0 ? 0 : 1;
