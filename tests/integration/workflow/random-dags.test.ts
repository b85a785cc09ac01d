/**
 * Workflows of chance, worked in an order of chance, against an interpreter that goes through their
 * nodes one after the other (`tests/support/random-workflows.ts`).
 *
 * @module
 */

import process from "node:process";
import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { host } from "#host";
import { fromBase64 } from "../../../src/ipld/base64.ts";
import { resultOf } from "../../../src/queue/local-source.ts";
import { isFinal, type Task } from "../../../src/queue/task.ts";
import { localCaller } from "../../../src/registry/caller.ts";
import { verifyProof } from "../../../src/workflow/proof/verify.ts";
import { anyGraph, expected, type Graph, tools, written } from "../../support/random-workflows.ts";
import { faultsOfRun } from "../../support/workflow-judge.ts";
import { createWorkflowScene, type WorkflowScene } from "../../support/workflow-scene.ts";

/** `FC_SEED` and `FC_PATH` repeat what a failure printed. */
const { FC_SEED, FC_PATH } = process.env;
const seed = Number(FC_SEED ?? Date.now() % 2 ** 31);
/** Nothing that it goes through is the host's own. */
const RUNS = Number(process.env.FC_RUNS ?? (host.name === "node" ? 150 : 50));

/** Chance that a number decides (mulberry32, public domain). */
function chanceOf(start: number): (below: number) => number {
  let state = start;
  return (below) => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** A worker that takes some, and lets go of any of them, until the run is over; answers with its calls. */
async function work(
  scene: WorkflowScene,
  id: string,
  chance: (below: number) => number,
): Promise<ReadonlyMap<string, number>> {
  const calls = new Map<string, number>();
  const hand: Task[] = [];
  for (let turn = 0; turn < 5_000; turn += 1) {
    if (hand.length === 0 || chance(3) === 0) {
      const ask = { worker: "tester", max: 1 + chance(4), can: () => true, waitMs: 0 };
      hand.push(...(await scene.queue.claim(ask)));
      if (hand.length === 0) {
        if (isFinal(await scene.run(id))) return calls;
        // What is left waits for time: a pause, or another attempt.
        await scene.clock.advance(5_000);
        continue;
      }
      checkGroups(hand);
    }
    if (chance(8) === 0) await scene.clock.advance(1);
    const ended = Array.from({ length: 1 + chance(2) }, () =>
      hand.length > 0 ? hand.splice(chance(hand.length), 1) : [],
    ).flat();
    // Those that end together share a transaction.
    await Promise.all(ended.map((task) => workOne(scene, task, calls)));
  }
  throw new Error("the run does not end");
}

async function workOne(
  { queue }: WorkflowScene,
  task: Task,
  calls: Map<string, number>,
): Promise<void> {
  const { id, tool = "", input } = task.spec;
  calls.set(id, (calls.get(id) ?? 0) + 1);
  let value: unknown;
  try {
    value = tools[tool]?.(input as never, task);
  } catch (error) {
    const message = (error as Error).message;
    const isRetryable = !message.startsWith("no");
    await queue.fail(id, task.token, { error: { code: "tool_failed", message }, isRetryable });
    return;
  }
  await queue.complete(id, task.token, resultOf({ content: [], structuredContent: value }));
}

/** No more of a map's items are out than it allows. */
function checkGroups(hand: readonly Task[]): void {
  for (const { spec } of hand) {
    const { groupKey, groupLimit = Infinity } = spec;
    const together = hand.filter((other) => other.spec.groupKey === groupKey);
    assert(together.length <= groupLimit, `${together.length} items of ${groupKey} at once`);
  }
}

/** Its tasks by their place in it; the place of the run itself is the empty text. */
async function tasksOf(scene: WorkflowScene, id: string): Promise<ReadonlyMap<string, Task>> {
  const all = await scene.queue.list({ limit: 100_000 });
  assertEquals(new Set(all.map(({ spec }) => spec.id)).size, all.length);
  return new Map(all.map((task) => [task.spec.id.slice(id.length + 1), task]));
}

/** Whoever gets the log's blocks finds that everything came in its order. */
async function checkProof({ record }: WorkflowScene, id: string): Promise<void> {
  const scope = { caller: localCaller, queue: "default" };
  const file = fromBase64(await record.proof(scope, id, new AbortController().signal));
  const { faults, edges } = verifyProof(file);
  assertEquals(faults, []);
  assertEquals(
    edges.filter(({ unproven }) => unproven !== undefined),
    [],
  );
}

/** Run a graph to its end, and hold it to what was to come. */
async function check(graph: Graph, n: number, luck: number): Promise<void> {
  const ends: (() => Promise<void>)[] = [];
  const scene = await createWorkflowScene({ after: (end) => void ends.push(end) }, tools);
  try {
    const told = expected(graph, n);
    const id = await scene.submit(written(graph), { n });

    const calls = await work(scene, id, chanceOf(luck));

    const tasks = await tasksOf(scene, id);
    const faults = faultsOfRun(
      {
        tasks,
        calls: ({ spec }) => calls.get(spec.id) ?? 0,
        begun: ({ events }) => events.at(0) ?? Infinity,
        over: ({ events }) => events.at(-1) ?? Infinity,
      },
      graph,
      told,
    );
    assertEquals(faults, []);
    await checkProof(scene, id);
    const counted = Object.values(scene.queue.meta.counters).reduce((sum, one) => sum + one, 0);
    assertEquals(counted, tasks.size, "the queue counts what is there");
  } finally {
    for (const end of ends) await end();
  }
}

describe(`a workflow of chance, ${RUNS} times`, () => {
  it("comes to what its nodes come to one after the other, whatever order they are worked in", {
    timeout: 120_000,
  }, async () => {
    const input = fc.nat({ max: 9 });
    const property = fc.asyncProperty(anyGraph, input, fc.nat(), check);
    const path = FC_PATH === undefined ? {} : { path: FC_PATH };
    try {
      await fc.assert(property, { seed, numRuns: RUNS, ...path });
    } catch (error) {
      console.log(`FC_SEED=${seed}`);
      throw error;
    }
  });
});
