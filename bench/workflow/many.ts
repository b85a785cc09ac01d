/** Many runs in flight at once, and as many plain tasks as they have nodes. @module */

import process from "node:process";
import { text } from "node:stream/consumers";
import { timed } from "../queue/clients.ts";
import { settledRss } from "../settled-rss.ts";
import { quantile } from "../statistics.ts";
import { type BenchFlows, openBenchFlows } from "./open.ts";
import { ordinary } from "./shapes.ts";

/** What the program is to do. */
export interface ManyJob {
  readonly place: string;
  readonly runs: number;
  /** Work as many plain tasks instead. */
  readonly isPlain: boolean;
}

/** What it saw. */
export interface ManyResult {
  readonly nodes: number;
  /** Submissions with nothing else to do, of definitions that are new; missing of plain tasks. */
  readonly fresh?: Submits;
  /** The same of a definition that was submitted before. */
  readonly again?: Submits;
  readonly submitMs: number;
  readonly workMs: number;
  /** CPU of this process for each node, from its submission to its end. */
  readonly cpuUs: number;
  readonly idleBytes: number;
  /** With all in flight, and none worked. */
  readonly flightBytes: number;
  readonly endBytes: number;
}

/** How long submissions took. */
export interface Submits {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Submissions that are under way at once. */
const WAVE = 64;
const SINGLE = 100;
/** Times that so many are submitted singly. */
const ROUNDS = 3;

async function submitAll(count: number, submit: (n: number) => Promise<unknown>): Promise<void> {
  for (let n = 0; n < count; n += WAVE) {
    const wave = Array.from({ length: Math.min(WAVE, count - n) }, (_, at) => submit(n + at));
    await Promise.all(wave);
  }
}

/** One after the other. */
async function submitSingly(flows: BenchFlows, name: (n: number) => string): Promise<Submits> {
  const took: number[] = [];
  for (let n = 0; n < SINGLE; n += 1) {
    const written = { ...ordinary(), name: name(n) };
    took.push(await timed(() => flows.submitRun(written)));
  }
  return { p50Ms: quantile(took, 0.5), p99Ms: quantile(took, 0.99) };
}

/** Code is compiled and the write-ahead log has its size, and single submissions are measured. */
async function warmUp(
  flows: BenchFlows,
  isPlain: boolean,
  size: number,
): Promise<Pick<ManyResult, "fresh" | "again">> {
  if (isPlain) {
    await submitAll(ROUNDS * SINGLE * size, (n) => flows.submitTask(n));
    await flows.work(ROUNDS * SINGLE * size, 0);
    return {};
  }
  await submitSingly(flows, (n) => `warm ${n}`);
  const fresh = await submitSingly(flows, (n) => `fresh ${n}`);
  const again = await submitSingly(flows, () => "again");
  await flows.work(ROUNDS * SINGLE * size, ROUNDS * SINGLE);
  return { fresh, again };
}

async function run({ place, runs, isPlain }: ManyJob): Promise<ManyResult> {
  const flows = await openBenchFlows(place);
  const size = ordinary().nodes.length;
  const nodes = runs * size;
  const single = await warmUp(flows, isPlain, size);
  const idleBytes = await settledRss();
  const before = process.cpuUsage();
  const submitMs = await timed(() =>
    isPlain
      ? submitAll(nodes, (n) => flows.submitTask(n))
      : submitAll(runs, () => flows.submitRun(ordinary())),
  );
  const submitted = process.cpuUsage(before);
  const flightBytes = await settledRss();
  const working = process.cpuUsage();
  const workMs = await timed(() => flows.work(nodes, isPlain ? 0 : runs));
  const worked = process.cpuUsage(working);
  const endBytes = process.memoryUsage().rss;
  await flows.close();
  const cpu = submitted.user + submitted.system + worked.user + worked.system;
  const sizes = { idleBytes, flightBytes, endBytes };
  return { nodes, submitMs, workMs, cpuUs: cpu / nodes, ...sizes, ...single };
}

const result = await run(JSON.parse(await text(process.stdin)) as ManyJob);
process.stdout.write(JSON.stringify(result), () => process.exit(0));
