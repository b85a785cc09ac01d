/**
 * Clients that each submit a task, lease one, complete it and begin again: the program around every
 * queue that is measured. It reads a job from its input and writes what it saw to its output.
 *
 * @module
 */

import process from "node:process";
import { text } from "node:stream/consumers";
import { quantile } from "../statistics.ts";

/** What a program is to do. */
export interface ClientsJob {
  /** File or URL of the queue. */
  readonly place: string;
  /** How many at once, one number after the other. */
  readonly clients: readonly number[];
  readonly warmMs: number;
  readonly ms: number;
}

/** What so many clients saw. */
export interface ClientsResult {
  readonly clients: number;
  readonly tasksPerSecond: number;
  readonly submitP50Ms: number;
  readonly submitP99Ms: number;
  /** CPU of this process for each task: for embedded queues, all there is. */
  readonly cpuUs: number;
}

/** A queue in the hands of its program. */
export interface QueueUnderTest {
  /** One client's whole task; answers how long its submission took, in ms. */
  once(client: number): Promise<number>;
  close(): Promise<void>;
}

async function load(queue: QueueUnderTest, clients: number, ms: number): Promise<ClientsResult> {
  const submits: number[] = [];
  const before = process.cpuUsage();
  const startedAt = performance.now();
  const endsAt = startedAt + ms;
  const work = async (_: unknown, client: number): Promise<void> => {
    while (performance.now() < endsAt) submits.push(await queue.once(client));
  };
  await Promise.all(Array.from({ length: clients }, work));
  const tookMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(before);
  return {
    clients,
    tasksPerSecond: (submits.length * 1000) / tookMs,
    submitP50Ms: quantile(submits, 0.5),
    submitP99Ms: quantile(submits, 0.99),
    cpuUs: (user + system) / submits.length,
  };
}

/** Be the program of a queue. */
export async function serveClients(
  open: (place: string) => Promise<QueueUnderTest>,
): Promise<void> {
  const job = JSON.parse(await text(process.stdin)) as ClientsJob;
  const queue = await open(job.place);
  const results: ClientsResult[] = [];
  for (const clients of job.clients) {
    await load(queue, clients, job.warmMs);
    results.push(await load(queue, clients, job.ms));
  }
  await queue.close();
  process.stdout.write(JSON.stringify(results), () => process.exit(0));
}

/** How long it took, in ms. */
export async function timed(action: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await action();
  return performance.now() - startedAt;
}
