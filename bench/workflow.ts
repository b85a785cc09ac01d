/**
 * Workflows on the durable queue: many at once beside as many plain tasks, and one that is large; each
 * step is on disk before the next.
 *
 * @module
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Row, runClient } from "./harness.ts";
import { commandOn, type HostName } from "./hosts.ts";
import type { LargeJob, LargeResult } from "./workflow/large.ts";
import type { ManyJob, ManyResult } from "./workflow/many.ts";

const RUNS = 1_000;
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
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
