/** A queue with a backlog: how long a claim takes there, and how much memory it needs. @module */

import process from "node:process";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { resultOf } from "../../src/queue/local-source.ts";
import type { Queue } from "../../src/queue/queue.ts";
import type { Task } from "../../src/queue/task.ts";
import { quantile } from "../statistics.ts";
import { timed } from "./clients.ts";
import { newTask, openBenchQueue } from "./open.ts";

/** What the program is to do. */
export interface BacklogJob {
  readonly place: string;
  readonly tasks: number;
}

/** What it saw. */
export interface BacklogResult {
  readonly claimP50Ms: number;
  readonly claimP99Ms: number;
  /** Memory in RAM with the empty queue, and with the backlog. */
  readonly idleBytes: number;
  readonly fullBytes: number;
  readonly storeBytes: number;
  readonly fillMs: number;
  /** Tasks a second that were leased, and completed, 256 at once. */
  readonly batch: { readonly leased: number; readonly completed: number };
}

/** Submissions that are under way at once. */
const WAVE = 256;
const CLAIMS = 2_000;
const BATCHES = 20;
/** Garbage of the start, and of the filling, is gone by then. */
const SETTLE_MS = 2_000;

async function settledRss(): Promise<number> {
  await sleep(SETTLE_MS);
  return process.memoryUsage().rss;
}

async function run({ place, tasks }: BacklogJob): Promise<BacklogResult> {
  const { queue, store } = await openBenchQueue(place);
  const idleBytes = await settledRss();
  const fillMs = await timed(async () => {
    for (let n = 0; n < tasks; n += WAVE) {
      const wave = Array.from({ length: WAVE }, (_, at) => queue.submit(newTask(n + at)));
      await Promise.all(wave);
    }
  });
  const fullBytes = await settledRss();
  const claims: number[] = [];
  const ask = { worker: "worker", max: 1, can: () => true, waitMs: 0 };
  for (let n = 0; n < CLAIMS; n += 1) claims.push(await timed(() => queue.claim(ask)));
  const batch = await inBatches(queue);
  const { sizeBytes = 0 } = await store.facts();
  await queue.close();
  await store.close();
  const [claimP50Ms, claimP99Ms] = [quantile(claims, 0.5), quantile(claims, 0.99)];
  return { claimP50Ms, claimP99Ms, idleBytes, fullBytes, storeBytes: sizeBytes, fillMs, batch };
}

/** Lease and complete many with one request each way. */
async function inBatches(queue: Queue): Promise<BacklogResult["batch"]> {
  const ask = { worker: "batches", max: WAVE, can: () => true, waitMs: 0 };
  const outcome = resultOf({ sum: 3 });
  let [leaseMs, completeMs] = [0, 0];
  for (let n = 0; n < BATCHES; n += 1) {
    let tasks: readonly Task[] = [];
    leaseMs += await timed(async () => {
      tasks = await queue.claim(ask);
    });
    completeMs += await timed(() =>
      Promise.all(tasks.map(({ spec, token }) => queue.complete(spec.id, token, outcome))),
    );
  }
  const perSecond = (ms: number): number => (BATCHES * WAVE * 1000) / ms;
  return { leased: perSecond(leaseMs), completed: perSecond(completeMs) };
}

const result = await run(JSON.parse(await text(process.stdin)) as BacklogJob);
process.stdout.write(JSON.stringify(result), () => process.exit(0));
