/** A queue with workflows, and workers in this process whose tool adds two numbers. @module */

import { openQueueStore } from "../../runtimes/shared/queue/open-queue-store.ts";
import { systemClock } from "../../src/concurrency/clock.ts";
import { resultOf } from "../../src/queue/local-source.ts";
import { Queue } from "../../src/queue/queue.ts";
import { NEVER, type Task } from "../../src/queue/task.ts";
import { newTaskId } from "../../src/queue/task-id.ts";
import { submitRun } from "../../src/workflow/commands.ts";
import { createFlows } from "../../src/workflow/flows.ts";
import { newTask } from "../queue/open.ts";
import type { Written } from "./shapes.ts";

/** A queue as the benchmarks use it. */
export interface BenchFlows {
  /** Submit a plain task. */
  submitTask(n: number): Promise<void>;
  /** Submit a workflow as the submit tool does: it is parsed, planned and stored each time. */
  submitRun(written: Written): Promise<string>;
  /**
   * Let workers work until so many tasks are done, and runs with them; `reached` hears of each.
   * Ends the benchmark where a task or a run ends otherwise.
   */
  work(tasks: number, runs: number, reached?: (done: number) => void): Promise<void>;
  close(): Promise<void>;
}

const WORKERS = 8;
/** Tasks that each of them works at once. */
const SLOTS = 8;

/** Open it at a place. */
export async function openBenchFlows(place: string): Promise<BenchFlows> {
  const store = await openQueueStore(place);
  const flows = createFlows(store);
  const queue = await Queue.open({
    ...{ name: "default", store, clock: systemClock, random: Math.random, flows },
    limits: () => ({ leaseMs: 30_000, maxBacklog: 10_000_000 }),
    trouble: (what, error) => console.error(what, error),
  });
  return {
    async submitTask(n) {
      await queue.submit(newTask(n));
    },
    async submitRun(written) {
      const definition = flows.plans.add(written);
      const { spec, priority, labels } = newTask(0);
      const { tool: _, ...asked } = spec;
      const about = { kind: "workflow", input: { input: { order: 1 } } };
      const wanted = {
        spec: { ...asked, ...about, id: newTaskId(Date.now()) },
        ...{ priority, labels, runAt: NEVER },
      };
      const needs = { task: wanted, definition, maxBacklog: 10_000_000 };
      const { task } = await queue.run((set) => submitRun(set, needs));
      return task.spec.id;
    },
    work: (tasks, runs, reached) => workUntil(queue, { tasks, runs }, reached),
    async close() {
      await queue.close();
      await store.close();
    },
  };
}

async function workUntil(
  queue: Queue,
  wanted: { readonly tasks: number; readonly runs: number },
  reached?: (done: number) => void,
): Promise<void> {
  let [tasks, runs] = [0, 0];
  let wrong: Task | undefined;
  const over = new AbortController();
  const stop = queue.onChange((task) => {
    if (["failed", "cancelled", "dead"].includes(task.state)) wrong ??= task;
    if (task.spec.kind === "workflow" && task.state === "done") runs += 1;
    else if (task.state === "done") {
      tasks += 1;
      reached?.(tasks);
    }
    if (wrong || (tasks >= wanted.tasks && runs >= wanted.runs)) over.abort();
  });
  const work = async (worker: number): Promise<void> => {
    const ask = { worker: `worker ${worker}`, max: SLOTS, can: () => true, waitMs: 1_000 };
    while (!over.signal.aborted) {
      const claimed = await queue.claim(ask, over.signal).catch(whenOver(over.signal));
      await Promise.all(
        claimed.map(({ spec, token }) =>
          queue.complete(spec.id, token, resultOf({ structuredContent: sumOf(spec.input) })),
        ),
      );
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, (_, at) => work(at)));
  stop();
  if (wrong) throw new Error(`${wrong.spec.id} is ${wrong.state}: ${wrong.error?.message}`);
}

/** A claim that waits is given up when all is done. */
function whenOver(signal: AbortSignal): (error: unknown) => readonly Task[] {
  return (error) => {
    if (signal.aborted) return [];
    throw error;
  };
}

function sumOf(input: unknown): { readonly sum: number } {
  const { a, b } = input as { readonly a: number; readonly b: number };
  return { sum: a + b };
}
