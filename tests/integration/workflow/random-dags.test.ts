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
import { resultOf } from "../../../src/queue/local-source.ts";
import { isFinal, type Task } from "../../../src/queue/task.ts";
import { runStateOf } from "../../../src/workflow/run-state.ts";
import { outcomeValue } from "../../../src/workflow/values.ts";
import {
  anyGraph,
  expected,
  type Fate,
  type Graph,
  type Prophecy,
  tools,
  written,
} from "../../support/random-workflows.ts";
import { createWorkflowScene, type WorkflowScene } from "../../support/workflow-scene.ts";

/** `FC_SEED` and `FC_PATH` repeat what a failure printed. */
const { FC_SEED, FC_PATH } = process.env;
const seed = Number(FC_SEED ?? Date.now() % 2 ** 31);
const RUNS = Number(process.env.FC_RUNS ?? 150);

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

function fateOf(task: Task, calls: number): Fate {
  const { state, error } = task;
  const isSkipped = state === "cancelled" && error?.code === "skipped";
  const result = outcomeValue(task);
  return {
    // Any other state is told as it is, and is not what was expected.
    state: isSkipped ? "skipped" : state === "dead" ? "failed" : (state as Fate["state"]),
    ...(state === "done" && { result }),
    // A task that is done keeps the error of the attempt before.
    ...(error && state !== "done" && { code: error.code }),
    calls,
  };
}

/** Number of the event with which a task was there, and of the one with which it was over. */
const begun = (task: Task | undefined): number => task?.events.at(0) ?? Infinity;
const over = (task: Task | undefined): number => task?.events.at(-1) ?? Infinity;

/** Nothing begins before its time: `at` is where the graph is in the run. */
function checkOrder(tasks: ReadonlyMap<string, Task>, graph: Graph, told: Prophecy, at = ""): void {
  for (const [number, { shape, join }] of graph.entries()) {
    const place = `${at}n${number}`;
    const node = tasks.get(place);
    const before = (told.before[number] ?? []).map((one) => tasks.get(`${at}n${one}`));
    if (told.fates.get(`n${number}`)?.state === "skipped" || before.length === 0) continue;
    const isEarly = join === "one_success";
    const needed = isEarly ? before.filter((one) => one?.state === "done") : before;
    const ends = needed.map(over);
    const last = isEarly ? Math.min(...ends) : Math.max(...ends);
    assert(begun(node) > last, `${place} began before its time`);
    if (shape.kind === "sub") checkOrder(tasks, shape.graph, expected(shape.graph, 7), `${place}.`);
  }
}

/** What was done is undone one by one, the last thing first, after everything else. */
function checkUndoing(tasks: ReadonlyMap<string, Task>, at = ""): void {
  const undone = [...tasks].flatMap(([place, undo]) => {
    const node = place.endsWith("~undo") ? place.slice(0, -"~undo".length) : undefined;
    const isHere = node?.startsWith(at) && !node.slice(at.length).includes(".");
    return node !== undefined && isHere ? [{ node: tasks.get(node), undo }] : [];
  });
  const inTurn = undone.toSorted((a, b) => begun(a.undo) - begun(b.undo));
  const rest = [...tasks].filter(
    ([place]) => place.startsWith(at) && place !== "" && !/~undo$/.test(place),
  );
  const quiet = Math.max(...rest.map(([, task]) => over(task)));
  for (const [turn, { node, undo }] of inTurn.entries()) {
    assert(begun(undo) > quiet, "it undoes while something runs");
    const next = inTurn[turn + 1];
    if (!next) continue;
    assert(over(node) > over(next.node), "what ended first is undone first");
    assert(over(undo) < begun(next.undo), "two are undone at once");
  }
}

/** What a run, and each one within it, says of itself adds up to its nodes. */
function checkCounts(tasks: ReadonlyMap<string, Task>, graph: Graph, at = ""): void {
  const run = tasks.get(at);
  assert(run, `the run ${at} is there`);
  const { counts, undecided, open } = runStateOf(run);
  const prefix = at === "" ? "" : `${at}.`;
  const states = graph.map((_, number) => {
    const task = tasks.get(`${prefix}n${number}`);
    return task && fateOf(task, 0).state;
  });
  const count = (state: Fate["state"]): number => states.filter((one) => one === state).length;
  const all = { done: count("done"), failed: count("failed"), skipped: count("skipped") };
  assertEquals(counts, { ...all, cancelled: 0 });
  assertEquals([undecided, open], [0, 0]);
  for (const [number, { shape }] of graph.entries()) {
    const place = `${prefix}n${number}`;
    const hasRun = tasks.get(place)?.spec.kind === "workflow";
    if (shape.kind === "sub" && hasRun) checkCounts(tasks, shape.graph, place);
  }
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
    const run = tasks.get("");
    const places = [...tasks].filter(([place]) => place !== "");
    const fates = places.map(([place, task]): [string, Fate] => [
      place,
      fateOf(task, calls.get(task.spec.id) ?? 0),
    ]);
    const byPlace = (one: Iterable<[string, Fate]>): object => Object.fromEntries([...one].sort());
    assertEquals(byPlace(fates), byPlace(told.fates));
    assertEquals([run?.state, run?.result], [told.state, told.result]);
    if (told.state === "failed") {
      const { node, notUndone = [] } = run?.error?.data ?? {};
      assert(told.faults.includes(String(node)), `${node} is told as what failed`);
      assertEquals([...(notUndone as string[])].sort(), [...told.notUndone].sort());
    }
    checkOrder(tasks, graph, told);
    for (const [place, { spec }] of tasks) {
      if (spec.kind === "workflow") checkUndoing(tasks, place && `${place}.`);
    }
    checkCounts(tasks, graph);
    const counted = Object.values(scene.queue.meta.counters).reduce((sum, one) => sum + one, 0);
    assertEquals(counted, tasks.size, "the queue counts what is there");
  } finally {
    for (const end of ends) await end();
  }
}

describe("a workflow of chance", () => {
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
