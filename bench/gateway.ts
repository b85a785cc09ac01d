/**
 * A stdio server put on HTTP: what the gateway in between costs, apart from the server behind it.
 *
 * @module
 */

import { join } from "node:path";
import {
  eventually,
  freePort,
  load,
  type Row,
  type RunningServer,
  startServer,
} from "./harness.ts";
import { commandOn, type HostName, projectFolder } from "./hosts.ts";
import type { LoadRequest, LoadResult } from "./load-client.ts";
import { installPeers, peersFolder } from "./peers.ts";
import { cpuMsOf, descendantsOf, requireProcessTable } from "./process-table.ts";
import { median } from "./statistics.ts";
import { ask, type Dialect, requestsTo, sums } from "./wire.ts";

const CONNECTIONS = 32;
const WARM_UP_MS = 1500;
const ROUND_MS = 1500;
const ROUNDS = 3;

/** Always on Node: the gateways compete, not their upstreams. */
const upstream: readonly string[] = commandOn("node", join(peersFolder, "servers", "stdio-add.ts"));

interface Subject {
  readonly name: string;
  readonly dialect: Dialect;
  start(): Promise<RunningServer>;
}

function ours(host: HostName): Promise<RunningServer> {
  const [command = "", ...args] = upstream;
  const mcpServers = JSON.stringify({ adder: { command, args } });
  return startServer(
    commandOn(host, join(projectFolder, "runtimes", "main.ts"), "serve", "--port", "0", "--json"),
    { environment: { MCPP_MCP_SERVERS: mcpServers } },
  );
}

/** Both are programs for Node. */
async function proxy(
  path: string,
  args: (port: string) => readonly string[],
): Promise<RunningServer> {
  const port = await freePort();
  const file = join(peersFolder, "node_modules", path);
  return startServer(commandOn("node", file, ...args(String(port))), { port });
}

const mcpProxy = (): Promise<RunningServer> =>
  proxy("mcp-proxy/dist/bin/mcp-proxy.mjs", (port) => [
    ...["--host", "127.0.0.1", "--port", port, "--server", "stream", "--"],
    ...upstream,
  ]);

const supergateway = (): Promise<RunningServer> =>
  proxy("supergateway/dist/index.js", (port) => [
    ...["--stdio", upstream.join(" "), "--outputTransport", "streamableHttp", "--stateful"],
    ...["--port", port, "--logLevel", "none"],
  ]);

function subjectsOn(host: HostName): readonly Subject[] {
  const own: readonly Subject[] = [
    { name: "mcplusplus", dialect: "modern", start: () => ours(host) },
    { name: "mcplusplus, session", dialect: "legacy", start: () => ours(host) },
  ];
  if (host !== "node") return own;
  return [
    { name: "mcp-proxy", dialect: "modern", start: mcpProxy },
    { name: "mcp-proxy, session", dialect: "legacy", start: mcpProxy },
    { name: "supergateway, session", dialect: "legacy", start: supergateway },
    ...own,
  ];
}

interface Sample extends LoadResult {
  readonly cpuMs: number;
  readonly upstreamMs: number;
}

interface Contestant {
  readonly name: string;
  readonly server: RunningServer;
  readonly requests: readonly LoadRequest[];
  readonly samples: Sample[];
}

const upstreamCpu = (pid: number): number =>
  descendantsOf(pid).reduce((sum, { cpuMs }) => sum + cpuMs, 0);

async function sample({ server, requests }: Contestant, durationMs: number): Promise<Sample> {
  const { pid, port } = server;
  const [own, behind] = [cpuMsOf(pid), upstreamCpu(pid)];
  const job = { port, connections: CONNECTIONS, durationMs, maxRequests: 100_000, requests };
  const result = await load(job);
  return { ...result, cpuMs: cpuMsOf(pid) - own, upstreamMs: upstreamCpu(pid) - behind };
}

async function enter(subject: Subject, servers: RunningServer[]): Promise<Contestant> {
  const server = await subject.start();
  servers.push(server);
  // The gateway listens before the server behind it is up.
  const requests = await eventually(async () => {
    const prepared = await requestsTo(server.port, subject.dialect, sums);
    for (const request of prepared.slice(0, 1)) await ask(server.port, request);
    return prepared;
  });
  return { name: subject.name, server, requests, samples: [] };
}

/** Compare on one host; the other gateways run on Node only. */
export async function* gateway(host: HostName): AsyncGenerator<Row> {
  requireProcessTable();
  installPeers(peersFolder);
  const servers: RunningServer[] = [];
  try {
    const contestants: Contestant[] = [];
    for (const subject of subjectsOn(host)) contestants.push(await enter(subject, servers));
    for (const contestant of contestants) await sample(contestant, WARM_UP_MS);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const contestant of contestants) {
        contestant.samples.push(await sample(contestant, ROUND_MS));
      }
    }
    yield* rowsOf(host, contestants);
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}

function* rowsOf(host: HostName, contestants: readonly Contestant[]): Iterable<Row> {
  const peer = "mcp-proxy";
  const cpuOf = (samples: readonly Sample[]): number =>
    median(samples.map(({ cpuMs, requests }) => (cpuMs * 1000) / requests));
  const limit = contestants.find(({ name }) => name === peer);
  for (const { name, samples } of contestants) {
    const row = { bench: "gateway", host, subject: name };
    const value = cpuOf(samples);
    const against = limit && { peer, ratio: value / cpuOf(limit.samples) };
    yield { ...row, metric: "gateway CPU", value, unit: "µs", ...against };
    const behind = median(
      samples.map(({ upstreamMs, requests }) => (upstreamMs * 1000) / requests),
    );
    yield { ...row, metric: "upstream CPU", value: behind, unit: "µs" };
    const rate = median(samples.map(({ requests, elapsedMs }) => (requests * 1000) / elapsedMs));
    yield { ...row, metric: "calls", value: rate, unit: "1/s" };
    yield { ...row, metric: "p50", value: median(samples.map(({ p50Ms }) => p50Ms)), unit: "ms" };
  }
}
