/**
 * A warm call of a peer's tool through both engines, beside what the same frames cost without them.
 *
 * @module
 */

import { join } from "node:path";
import { type Row, type RunningServer, runClient, startServer } from "./harness.ts";
import { commandOn, type HostName } from "./hosts.ts";
import type { MeshAddresses, MeshJob, MeshSample } from "./mesh-client.ts";
import { installPeers, peersFolder } from "./peers.ts";
import { requireProcessTable } from "./process-table.ts";
import { median } from "./statistics.ts";

const JOB = { inFlight: [1, 16, 64], warmUpMs: 400, rounds: 5, roundMs: 300 } as const;

/** With whom the figures of a subject are compared. */
interface Peers {
  readonly p50: readonly string[];
  readonly calls: readonly string[];
}

const peersOf: Readonly<Record<string, Peers>> = {
  "call, tcp": {
    p50: ["echo by frame, tcp", "sdk-v2, http"],
    calls: ["stock libp2p by frame, tcp", "bare TCP by turn, JSON-RPC", "bare TCP by turn"],
  },
  "call, websocket": {
    p50: ["echo by frame, websocket", "call, tcp"],
    calls: ["call, tcp"],
  },
};

/** Compare on one host. */
export async function* meshCall(host: HostName): AsyncGenerator<Row> {
  requireProcessTable();
  installPeers(peersFolder);
  const file = (...path: string[]): string => join(import.meta.dirname, ...path);
  const servers: RunningServer[] = [];
  try {
    const mesh = await startServer(commandOn(host, file("servers", "mesh.ts")));
    servers.push(mesh);
    const sdk = await startServer(commandOn(host, join(peersFolder, "servers", "sdk-v2.ts")));
    servers.push(sdk);
    const addresses = mesh.said.addresses as MeshAddresses;
    const job: MeshJob = { ...JOB, addresses, serverPid: mesh.pid, sdk: sdk.port };
    const samples = await runClient(commandOn(host, file("mesh-client.ts")), job);
    for (const inFlight of JOB.inFlight) {
      yield* rowsOf(
        host,
        (samples as readonly MeshSample[]).filter((sample) => sample.inFlight === inFlight),
      );
    }
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}

/** The rows of one number of calls in flight. */
function* rowsOf(host: HostName, samples: readonly MeshSample[]): Iterable<Row> {
  const bySubject = Map.groupBy(samples, ({ subject }) => subject);
  const figure = (subject: string, of: (sample: MeshSample) => number): number =>
    median((bySubject.get(subject) ?? []).map(of));
  const p50 = (subject: string): number => figure(subject, ({ p50Ms }) => p50Ms);
  const rate = (subject: string): number => figure(subject, ({ perSecond }) => perSecond);
  const inFlight = samples[0]?.inFlight ?? 0;
  for (const subject of bySubject.keys()) {
    const row = { bench: "mesh-call", host, subject: `${inFlight} in flight: ${subject}` };
    yield* compared({ ...row, metric: "p50", unit: "ms" }, p50, subject, peersOf[subject]?.p50);
    yield { ...row, metric: "p99", value: figure(subject, ({ p99Ms }) => p99Ms), unit: "ms" };
    const calls = { ...row, metric: "calls", unit: "1/s" };
    yield* compared(calls, rate, subject, peersOf[subject]?.calls);
    if (subject.startsWith("sdk")) continue;
    const cpu = figure(subject, ({ clientMs, serverMs, calls }) => (clientMs + serverMs) / calls);
    yield { ...row, metric: "CPU of both", value: cpu * 1000, unit: "µs" };
  }
}

function* compared(
  row: Omit<Row, "value">,
  figureOf: (subject: string) => number,
  subject: string,
  peers: readonly string[] = [],
): Iterable<Row> {
  const value = figureOf(subject);
  if (peers.length === 0) yield { ...row, value };
  for (const peer of peers) yield { ...row, value, peer, ratio: value / figureOf(peer) };
}
