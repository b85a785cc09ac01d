/** From the start of the process to the first answered `tools/call`, over HTTP. @module */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Row, startServer } from "./harness.ts";
import { commandOn, type HostName, projectFolder } from "./hosts.ts";
import { installPeers, peersFolder } from "./peers.ts";
import { median, quantile } from "./statistics.ts";
import { ask, modernRequest, sums, type WireCall } from "./wire.ts";

const RUNS = 10;

interface Subject {
  readonly name: string;
  readonly command: readonly string[];
  readonly call: WireCall;
}

/** The whole product, every built-in category included; the call loads one of them. */
const stats: WireCall = { tool: "cache_stats", input: {}, expect: '"maxEntries":' };
const add: WireCall = sums[0] ?? stats;

function subjectsOn(host: HostName): readonly Subject[] {
  const serve = ["serve", "--port", "0", "--json"];
  const program = (...path: string[]): readonly string[] =>
    commandOn(host, join(projectFolder, ...path), ...serve);
  const bundle = existsSync(join(projectFolder, "dist", "bin", "main.js"));
  if (!bundle) console.error("dist/bin/main.js is not there, so it is left out: npm run build");
  return [
    {
      name: "sdk-v2",
      command: commandOn(host, join(peersFolder, "servers", "sdk-v2.ts")),
      call: add,
    },
    { name: "mcplusplus, sources", command: program("runtimes", "main.ts"), call: stats },
    ...(bundle
      ? [{ name: "mcplusplus, bundle", command: program("dist", "bin", "main.js"), call: stats }]
      : []),
  ];
}

async function firstAnswerMs({ command, call }: Subject): Promise<number> {
  const startedAt = performance.now();
  const server = await startServer(command);
  try {
    await ask(server.port, modernRequest(call));
    return performance.now() - startedAt;
  } finally {
    await server.stop();
  }
}

/** Compare on one host. */
export async function* startup(host: HostName): AsyncGenerator<Row> {
  installPeers(peersFolder);
  const subjects = subjectsOn(host);
  const times = new Map<Subject, number[]>(subjects.map((subject) => [subject, []]));
  // The first run of each finds cold caches of the disk, and is not counted.
  for (const subject of subjects) await firstAnswerMs(subject);
  for (let run = 0; run < RUNS; run += 1) {
    for (const [subject, seen] of times) seen.push(await firstAnswerMs(subject));
  }
  const peer = "sdk-v2";
  const limit = median([...times].find(([{ name }]) => name === peer)?.[1] ?? []);
  for (const [{ name }, seen] of times) {
    const row = { bench: "startup", host, subject: name, unit: "ms" };
    const value = median(seen);
    yield { ...row, metric: "first answer", value, peer, ratio: value / limit };
    yield { ...row, metric: "p95", value: quantile(seen, 0.95) };
  }
}
