/**
 * Runs benchmarks: `npm run bench -- [name …] [--host node|bun|deno] [--json] [--accept]`.
 *
 * Without a name all of them run, without a host on all three. `--json` prints one figure a line;
 * `--accept` makes this run's figures the ones that later runs are compared with.
 *
 * @module
 */

import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { InputError, messageOf } from "../src/errors.ts";
import { nearest } from "../src/nearest.ts";
import type { Benchmark, Row } from "./harness.ts";
import { type HostName, hostNames, versionOf } from "./hosts.ts";
import { changesSince, formatTable } from "./report.ts";

interface Entry {
  /** How to read its table. */
  readonly reading: string;
  load(): Promise<Benchmark>;
}

const entries: ReadonlyMap<string, Entry> = new Map<string, Entry>([
  [
    "local-call",
    {
      reading:
        "Server CPU is what one tools/call costs; × hono compares with a route that checks nothing.\n" +
        "Calls a second hold for one core; where the client is busy near 100 %, the server could do more.",
      load: async () => (await import("./local-call.ts")).localCall,
    },
  ],
  [
    "mesh-call",
    {
      reading:
        "A tool called at a peer through both engines, all in one process each. Targets: with 1 in flight p50 at\n" +
        "most 1.5 × the echo; with 64 calls at least 2 × stock libp2p's and 0.3 × bare TCP's; over WebSocket p50\n" +
        "at most 1.5 × and calls at least 0.7 × those of TCP.",
      load: async () => (await import("./mesh-call.ts")).meshCall,
    },
  ],
  [
    "mesh-join",
    {
      reading:
        "From the start of the process to a peer's answer; target 1 s. The command joins for the moment; the\n" +
        "server listens, is told of the peer, reads its tools, and is asked for one over HTTP.",
      load: async () => (await import("./mesh-join.ts")).meshJoin,
    },
  ],
  [
    "mesh-memory",
    {
      reading:
        "Memory in RAM of the server with its mesh: alone, and with peers connected over TCP. Targets of the\n" +
        "bundle, idle: 120 MB on Node, 90 MB on Bun.",
      load: async () => (await import("./mesh-memory.ts")).meshMemory,
    },
  ],
  [
    "queue",
    {
      reading:
        "Tasks that are submitted, leased and completed, by so many clients. Targets on SQLite: submit p50 of one\n" +
        "client at most 1.2 × one commit; 10,000 tasks a second with 8 clients and 25,000 with 32; claim p50 at\n" +
        "1,000,000 ready at most 2 × that at 10,000. On PostgreSQL, 8 clients: 2 × pg-boss and graphile-worker.",
      load: async () => (await import("./queue.ts")).queue,
    },
  ],
  [
    "queue-remote",
    {
      reading:
        "Submitting to a peer's queue over TCP, both sides whole servers. Target: at most 0.3 ms beyond the\n" +
        "round trip of a call and one commit.",
      load: async () => (await import("./queue-remote.ts")).queueRemote,
    },
  ],
  [
    "queue-memory",
    {
      reading:
        "Memory in RAM of a process that holds a queue on SQLite, empty and with a million ready tasks, which\n" +
        "stay on disk.",
      load: async () => (await import("./queue-memory.ts")).queueMemory,
    },
  ],
  [
    "workflow",
    {
      reading:
        "Workflows on SQLite beside as many plain tasks, with workers in the same process whose tool adds two\n" +
        "numbers. Targets: CPU beyond a task at most 1,000 µs a node with 1,000 runs in flight; 10,000 nodes\n" +
        "submitted in 1 s, with at most 1.2 × the memory in the last quarter that there is in the second. The\n" +
        "nodes for two peers are beside the same map worked here, and beside submitting as many tasks there.",
      load: async () => (await import("./workflow.ts")).workflow,
    },
  ],
  [
    "bundle-size",
    {
      reading:
        "What is published, and what each package brings to the page's bundle. Target: 160 KiB with gzip for\n" +
        "the page.",
      load: async () => (await import("./bundle-size.ts")).bundleSize,
    },
  ],
  [
    "startup",
    {
      reading:
        "From the start of the process to the first answered tools/call. Ours is the whole product with\n" +
        "its store on disk; sdk-v2 is a server with one tool and nothing else.",
      load: async () => (await import("./startup.ts")).startup,
    },
  ],
  [
    "discovery",
    {
      reading:
        "Recall: how many queries find a right tool among the first 1 or 5 of all recorded tools. The search\n" +
        "may be tuned with the golden queries, so the held-out ones are what to believe.\n" +
        "Server CPU and p50 are of one look over HTTP, one at a time.",
      load: async () => (await import("./discovery.ts")).discovery,
    },
  ],
  [
    "memory",
    {
      reading: "Memory in RAM of a server with one tool.",
      load: async () => (await import("./memory.ts")).memory,
    },
  ],
  [
    "context-tokens",
    {
      reading:
        "Tokens (o200k) that the same mounted servers take of a model's context: all tools listed, the four\n" +
        "meta-tools, and the meta-tools with the answers of one search and one schema.",
      load: async () => (await import("./context-tokens.ts")).contextTokens,
    },
  ],
  [
    "gateway",
    {
      reading:
        "One stdio server put on HTTP. Gateway CPU is the gateway's own per call, upstream CPU that of the\n" +
        "server behind it, which is the same program for all and shares the gateway's core.",
      load: async () => (await import("./gateway.ts")).gateway,
    },
  ],
]);

interface Baseline {
  readonly environment: Readonly<Record<string, string | number>>;
  readonly rows: readonly Row[];
}

const baselineFile: string = join(import.meta.dirname, "baseline.json");

function environment(hosts: readonly HostName[]): Baseline["environment"] {
  return {
    date: new Date().toISOString().slice(0, 10),
    cores: availableParallelism(),
    // Above the number of cores, others compete with the benchmark: times are theirs too.
    load: Number((loadavg()[0] ?? 0).toFixed(1)),
    platform: `${process.platform} ${process.arch}`,
    ...Object.fromEntries(hosts.map((host) => [host, versionOf(host)])),
  };
}

function oneOf<T extends string>(kind: string, name: string, valid: readonly T[]): T {
  const found = valid.find((candidate) => candidate === name);
  if (found !== undefined) return found;
  const near = nearest(name, valid);
  const choice = (near.length > 0 ? near : valid).join(" or ");
  throw new InputError("invalid_input", `There is no ${kind} "${name}"; try ${choice}`);
}

/** Keep what other benchmarks and hosts were accepted with. */
function accept(rows: readonly Row[], accepted: Baseline, hosts: readonly HostName[]): void {
  const measured = new Set(rows.map(({ bench, host }) => `${bench} ${host}`));
  const kept = accepted.rows.filter(({ bench, host }) => !measured.has(`${bench} ${host}`));
  const round = (value: number): number => Number(value.toPrecision(4));
  const taken = rows.map((row) => ({
    ...row,
    value: round(row.value),
    ...(row.ratio !== undefined && { ratio: round(row.ratio) }),
  }));
  const lines = [...kept, ...taken].map((row) => `  ${JSON.stringify(row)}`);
  const head = JSON.stringify({ ...accepted.environment, ...environment(hosts) });
  writeFileSync(
    baselineFile,
    `{\n "environment": ${head},\n "rows": [\n${lines.join(",\n")}\n ]\n}\n`,
  );
}

/** Run one benchmark on these hosts; as JSON its rows are printed as they come. */
async function measure(
  name: string,
  { reading, load }: Entry,
  hosts: readonly HostName[],
  wantsJson: boolean,
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  const run = await load();
  for (const host of hosts) {
    for await (const row of run(host)) {
      rows.push(row);
      if (wantsJson) console.log(JSON.stringify(row));
    }
  }
  if (!wantsJson) console.log(`\n${name}\n${reading}\n\n${formatTable(rows)}`);
  return rows;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      host: { type: "string", multiple: true },
      json: { type: "boolean", default: false },
      accept: { type: "boolean", default: false },
    },
  });
  const hosts = (values.host ?? hostNames).map((name) => oneOf("host", name, hostNames));
  const all = [...entries.keys()];
  const names = positionals.map((name) => oneOf("benchmark", name, all));
  const accepted = JSON.parse(readFileSync(baselineFile, "utf8")) as Baseline;
  if (!values.json) {
    const facts = Object.entries(environment(hosts)).map(([name, value]) => `${name} ${value}`);
    console.log(facts.join(" · "));
  }
  const rows: Row[] = [];
  for (const [name, entry] of entries) {
    if (names.length > 0 && !names.includes(name)) continue;
    rows.push(...(await measure(name, entry, hosts, values.json)));
  }
  const changes = changesSince(accepted.rows, rows);
  if (!values.json && changes.length > 0) {
    console.log(`\nAway from baseline.json by more than a fifth:\n  ${changes.join("\n  ")}`);
  }
  if (values.accept) accept(rows, accepted, hosts);
}

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
try {
  await main();
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}
