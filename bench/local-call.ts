/**
 * `tools/call add` over HTTP: what one call costs the server, and how many it answers.
 *
 * All servers are up at once and take turns (A B C A B C), so that whatever else the machine does
 * meets all of them; the median of the rounds counts.
 *
 * @module
 */

import { join } from "node:path";
import { load, type Row, type RunningServer, startServer } from "./harness.ts";
import { commandOn, type HostName } from "./hosts.ts";
import type { LoadJob, LoadRequest, LoadResult } from "./load-client.ts";
import { installPeers, peersFolder } from "./peers.ts";
import { cpuMsOf, requireProcessTable } from "./process-table.ts";
import { median } from "./statistics.ts";
import { type Dialect, dispatchedSums, requestsTo, sums, type WireCall } from "./wire.ts";

const CONNECTIONS = 32;
/** By number, so that a server on a busy machine is as warm as one on a quiet one. */
const WARM_UP = { maxRequests: 20_000, durationMs: 5000 } as const;
const ROUND = { maxRequests: 100_000, durationMs: 1000 } as const;
const ROUNDS = 5;

interface Subject {
  readonly name: string;
  readonly file: string;
  readonly tools: number;
  readonly dialect: Dialect;
  readonly calls: readonly WireCall[];
}

const ours: string = join(import.meta.dirname, "servers", "mcplusplus.ts");
const peer = (name: string): string => join(peersFolder, "servers", `${name}.ts`);
const direct = { dialect: "modern", calls: sums } as const;
const session = { dialect: "legacy", calls: sums } as const;

const subjects: readonly Subject[] = [
  { name: "hono", file: peer("hono"), tools: 1, ...direct },
  { name: "mcplusplus, 1 tool", file: ours, tools: 1, ...direct },
  { name: "mcplusplus, 500 tools", file: ours, tools: 500, ...direct },
  {
    name: "mcplusplus, 500 tools, dispatch",
    file: ours,
    tools: 500,
    dialect: "modern",
    calls: dispatchedSums,
  },
  { name: "mcplusplus, 500 tools, session", file: ours, tools: 500, ...session },
  { name: "mcp-lite", file: peer("mcp-lite"), tools: 1, ...session },
  { name: "sdk-v2, 1 tool", file: peer("sdk-v2"), tools: 1, ...direct },
  { name: "sdk-v2, 500 tools", file: peer("sdk-v2"), tools: 500, ...direct },
  { name: "sdk-v1", file: peer("sdk-v1"), tools: 1, ...session },
  { name: "hono-mcp", file: peer("hono-mcp"), tools: 1, ...session },
  { name: "fastmcp", file: peer("fastmcp"), tools: 1, ...session },
];

interface Sample extends LoadResult {
  readonly cpuMs: number;
}

async function sample(
  server: RunningServer,
  requests: readonly LoadRequest[],
  bounds: Pick<LoadJob, "maxRequests" | "durationMs">,
): Promise<Sample> {
  const before = cpuMsOf(server.pid);
  const { port } = server;
  const result = await load({ port, connections: CONNECTIONS, requests, ...bounds });
  return { ...result, cpuMs: cpuMsOf(server.pid) - before };
}

interface Contestant {
  readonly subject: Subject;
  readonly server: RunningServer;
  readonly requests: readonly LoadRequest[];
  readonly samples: Sample[];
}

/** Start the servers; subjects of the same file and size share one. */
async function enter(
  host: HostName,
  servers: Map<string, RunningServer>,
): Promise<readonly Contestant[]> {
  const contestants: Contestant[] = [];
  for (const subject of subjects) {
    const { file, tools, dialect, calls } = subject;
    const key = `${file} ${tools}`;
    const server = servers.get(key) ?? (await startServer(commandOn(host, file, String(tools))));
    servers.set(key, server);
    const requests = await requestsTo(server.port, dialect, calls);
    contestants.push({ subject, server, requests, samples: [] });
  }
  return contestants;
}

/** Compare on one host. */
export async function* localCall(host: HostName): AsyncGenerator<Row> {
  requireProcessTable();
  installPeers(peersFolder);
  const servers = new Map<string, RunningServer>();
  try {
    const contestants = await enter(host, servers);
    for (const { server, requests } of contestants) await sample(server, requests, WARM_UP);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const { server, requests, samples } of contestants) {
        samples.push(await sample(server, requests, ROUND));
      }
    }
    yield* rowsOf(host, contestants);
  } finally {
    await Promise.all([...servers.values()].map((server) => server.stop()));
  }
}

const cpuMicros = ({ cpuMs, requests }: Sample): number => (cpuMs * 1000) / requests;

function* rowsOf(host: HostName, contestants: readonly Contestant[]): Iterable<Row> {
  const cpu = new Map(
    contestants.map(({ subject, samples }) => [subject.name, median(samples.map(cpuMicros))]),
  );
  for (const { subject, samples: seen } of contestants) {
    const { name } = subject;
    const row = { bench: "local-call", host, subject: name };
    const value = cpu.get(name) ?? Number.NaN;
    for (const against of ["hono", "sdk-v2, 1 tool"]) {
      const ratio = value / (cpu.get(against) ?? Number.NaN);
      yield { ...row, metric: "server CPU", value, unit: "µs", peer: against, ratio };
    }
    const rate = median(seen.map(({ requests, elapsedMs }) => (requests * 1000) / elapsedMs));
    yield { ...row, metric: "calls", value: rate, unit: "1/s" };
    yield { ...row, metric: "p50", value: median(seen.map(({ p50Ms }) => p50Ms)), unit: "ms" };
    yield { ...row, metric: "p99", value: median(seen.map(({ p99Ms }) => p99Ms)), unit: "ms" };
    const busy = median(seen.map(({ clientLoad }) => clientLoad * 100));
    yield { ...row, metric: "client busy", value: busy, unit: "%" };
  }
}
