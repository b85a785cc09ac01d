/**
 * Workflows on the durable queue: many at once beside as many plain tasks, one that is large, and one
 * whose calls are for the queues of two peers; each step is on disk before the next.
 *
 * @module
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Row, type RunningServer, runClient, startServer } from "./harness.ts";
import { commandOn, type HostName } from "./hosts.ts";
import type { FanOutJob, FanOutResult } from "./workflow/fan-out.ts";
import type { LargeJob, LargeResult } from "./workflow/large.ts";
import type { ManyJob, ManyResult } from "./workflow/many.ts";

const RUNS = 1_000;
const FAN_OUT = { rounds: 3, nodes: 1_000, singles: 20 } as const;
const SHAPES = ["meshed", "joined"] as const;
const MEBIBYTE = 1024 * 1024;
const PLAIN = "plain tasks";

/** Runs a program on a new database. */
type Program = (file: string, job: object) => Promise<unknown>;

async function* manyRows(host: HostName, program: Program): AsyncGenerator<Row> {
  const plain = (await program("many.ts", {
    runs: RUNS,
    isPlain: true,
  } satisfies Omit<ManyJob, "place">)) as ManyResult;
  const runs = (await program("many.ts", {
    runs: RUNS,
    isPlain: false,
  } satisfies Omit<ManyJob, "place">)) as ManyResult;
  const size = runs.nodes / RUNS;
  for (const [which, submits] of [
    ["new", runs.fresh],
    ["submitted before", runs.again],
  ] as const) {
    const row = { bench: "workflow", host, subject: `${size} nodes, ${which}`, unit: "ms" };
    yield { ...row, metric: "submit p50", value: submits?.p50Ms ?? Number.NaN };
    yield { ...row, metric: "submit p99", value: submits?.p99Ms ?? Number.NaN };
  }
  const row = { bench: "workflow", host, subject: `${RUNS} runs of ${size} nodes` };
  const perSecond = ({ nodes, submitMs, workMs }: ManyResult): number =>
    (nodes * 1000) / (submitMs + workMs);
  const rate = perSecond(runs);
  const beside = (ratio: number): Pick<Row, "peer" | "ratio"> => ({ peer: PLAIN, ratio });
  yield { ...row, metric: "submitted in", value: runs.submitMs / 1000, unit: "s" };
  yield { ...row, metric: "finished in", value: runs.workMs / 1000, unit: "s" };
  yield {
    ...{ ...row, metric: "nodes a second", value: rate, unit: "" },
    ...beside(rate / perSecond(plain)),
  };
  yield {
    ...{ ...row, metric: "CPU a node", value: runs.cpuUs, unit: "µs" },
    ...beside(runs.cpuUs / plain.cpuUs),
  };
  yield { ...row, metric: "CPU beyond a task", value: runs.cpuUs - plain.cpuUs, unit: "µs" };
  yield* memoryRows(row, runs);
  const tasks = { bench: "workflow", host, subject: `${plain.nodes} ${PLAIN}` };
  yield { ...tasks, metric: "tasks a second", value: perSecond(plain), unit: "" };
  yield { ...tasks, metric: "CPU a task", value: plain.cpuUs, unit: "µs" };
  yield* memoryRows(tasks, plain);
}

function* memoryRows(
  row: Pick<Row, "bench" | "host" | "subject">,
  { idleBytes, flightBytes, endBytes }: ManyResult,
): Iterable<Row> {
  const [unit, peer] = ["MiB", "before"];
  const about = { ...row, unit, peer };
  const [flight, end] = [flightBytes, endBytes].map((bytes) => bytes / MEBIBYTE) as [
    number,
    number,
  ];
  yield { ...about, metric: "all in flight", value: flight, ratio: flightBytes / idleBytes };
  yield { ...about, metric: "all done", value: end, ratio: endBytes / idleBytes };
}

async function* largeRows(host: HostName, program: Program): AsyncGenerator<Row> {
  for (const shape of SHAPES) {
    const job: Omit<LargeJob, "place"> = { shape };
    const seen = (await program("large.ts", job)) as LargeResult;
    const { nodes, submitMs, workMs, cpuUs } = seen;
    const row = { bench: "workflow", host, subject: `${nodes} nodes, ${shape}` };
    yield { ...row, metric: "submitted in", value: submitMs, unit: "ms" };
    yield { ...row, metric: "finished in", value: workMs / 1000, unit: "s" };
    yield { ...row, metric: "nodes a second", value: (nodes * 1000) / workMs, unit: "" };
    yield { ...row, metric: "CPU a node", value: cpuUs, unit: "µs" };
    const growth = (seen.peakBytes - seen.idleBytes) / MEBIBYTE;
    yield { ...row, metric: "peak memory grew by", value: growth, unit: "MiB" };
    const late = seen.lateBytes / MEBIBYTE;
    yield {
      ...{ ...row, metric: "last quarter", value: late, unit: "MiB" },
      ...{ peer: "second quarter", ratio: seen.lateBytes / seen.earlyBytes },
    };
  }
}

async function fanOut(host: HostName): Promise<FanOutResult> {
  const program = (...parts: readonly string[]): readonly string[] =>
    commandOn(host, join(import.meta.dirname, ...parts));
  const start = (): Promise<RunningServer> => startServer(program("servers", "workflow-peer.ts"));
  const peers: RunningServer[] = [];
  try {
    peers.push(await start());
    peers.push(await start());
    const job: FanOutJob = { ...FAN_OUT, peers: peers.map(({ said }) => String(said.address)) };
    return (await runClient(program("workflow", "fan-out.ts"), job)) as FanOutResult;
  } finally {
    await Promise.all(peers.map((peer) => peer.stop()));
  }
}

async function* fanOutRows(host: HostName): AsyncGenerator<Row> {
  const { ways, single, idleBytes, endBytes } = await fanOut(host);
  const { nodes } = FAN_OUT;
  const { own, calls } = ways;
  const [local, submits] = ["the own queue", "submits to peers"];
  for (const [way, name] of [
    ["given", "two peers"],
    ["shared", "two peers who share the run"],
  ] as const) {
    const { perSecond, cpuUs } = ways[way];
    const row = { bench: "workflow", host, subject: `${nodes} nodes for ${name}` };
    const rate = { ...row, metric: "nodes a second", value: perSecond, unit: "" };
    yield { ...rate, peer: local, ratio: perSecond / own.perSecond };
    yield { ...rate, peer: submits, ratio: perSecond / calls.perSecond };
    const cpu = { ...row, metric: "CPU a node", value: cpuUs, unit: "µs" };
    yield { ...cpu, peer: local, ratio: cpuUs / own.cpuUs };
    const one = { ...row, subject: `a run of one node for ${name}`, metric: "p50", unit: "ms" };
    const ratio = single[way] / (single.own + single.calls);
    yield { ...one, value: single[way], peer: "a local one and a call", ratio };
  }
  const row = { bench: "workflow", host, subject: `${nodes} nodes for ${local}` };
  yield { ...row, metric: "nodes a second", value: own.perSecond, unit: "" };
  yield { ...row, metric: "CPU a node", value: own.cpuUs, unit: "µs" };
  const plain = { bench: "workflow", host, subject: `${nodes} ${submits}` };
  yield { ...plain, metric: "tasks a second", value: calls.perSecond, unit: "" };
  yield { ...plain, metric: "CPU a task", value: calls.cpuUs, unit: "µs" };
  const p50 = { bench: "workflow", host, metric: "p50", unit: "ms" };
  yield { ...p50, subject: "a run of one node here", value: single.own };
  yield { ...p50, subject: "a call of a peer's tool", value: single.calls };
  const [value, ratio] = [endBytes / MEBIBYTE, endBytes / idleBytes];
  const memory = { bench: "workflow", host, subject: "coordinator of the fan-outs", unit: "MiB" };
  yield { ...memory, metric: "all done", value, peer: "before", ratio };
}

/** Measure on one host. */
export async function* workflow(host: HostName): AsyncGenerator<Row> {
  const folder = await mkdtemp(join(tmpdir(), "mcpp-bench-"));
  let made = 0;
  const program: Program = (file, job) => {
    made += 1;
    const place = join(folder, `${made}.db`);
    return runClient(commandOn(host, join(import.meta.dirname, "workflow", file)), {
      ...job,
      place,
    });
  };
  try {
    yield* manyRows(host, program);
    yield* largeRows(host, program);
    yield* fanOutRows(host);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
