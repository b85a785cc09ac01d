/**
 * A workflow whose queue dies right before, or right after, any one of its commits, and goes on in
 * another: it comes to what it comes to where nothing dies.
 *
 * @module
 */

import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { ConflictError } from "../../../src/errors.ts";
import { resultOf } from "../../../src/queue/local-source.ts";
import { createMemoryQueueStore } from "../../../src/queue/memory-store.ts";
import type { QueueStore } from "../../../src/queue/queue-store.ts";
import { isFinal, type Task } from "../../../src/queue/task.ts";
import { tell } from "../../../src/workflow/commands.ts";
import { type RunState, runStateOf } from "../../../src/workflow/run-state.ts";
import { outcomeValue } from "../../../src/workflow/values.ts";
import { readLog } from "../../simulation/queue/log-chain.ts";
import {
  createWorkflowScene,
  type TestTool,
  type WorkflowScene,
} from "../../support/workflow-scene.ts";

const tools: Readonly<Record<string, TestTool>> = {
  add: ({ a, b }: { a: number; b: number | null }) => ({ sum: a + (b ?? 0) }),
  list: ({ count }: { count: number }) => ({ items: Array.from({ length: count }, (_, at) => at) }),
  fail: () => {
    throw new Error("no luck");
  },
  undo: ({ what }: { what: string }) => ({ what }),
};

const add = (a: unknown, b: unknown): object => ({ tool: "add", input: { a, b } });
const undo = (what: string): object => ({
  compensate: { tool: "undo", input: { what, was: `$${what}.state` } },
});
const inner = {
  name: "inner",
  nodes: [
    { id: "x", ...add("$input", 1), ...undo("x") },
    { id: "y", ...add("$x.result.sum", 1) },
  ],
  output: "$y.result.sum",
};

/** One of every kind, and every way to end. */
const workflows: Readonly<Record<string, object>> = {
  "calls and collects": {
    name: "diamond",
    nodes: [
      { id: "top", ...add(1, 1) },
      { id: "left", ...add("$top.result.sum", 1) },
      { id: "right", ...add("$top.result.sum", 2) },
      { id: "bottom", collect: ["$left.result", "$right.result"] },
    ],
  },
  "goes over lists": {
    name: "map",
    nodes: [
      { id: "list", tool: "list", input: { count: 4 } },
      {
        id: "each",
        map: { over: "$list.result.items", maxParallel: 2, node: add("$item", "$index") },
      },
      { id: "none", map: { over: [], node: add("$item", 1) }, after: ["each"] },
      { id: "bad", map: { over: [1], node: { tool: "fail" } } },
      {
        id: "end",
        collect: ["$each.results", "$bad.error.code", "$none.results"],
        join: "all_done",
      },
    ],
  },
  "chooses and repeats": {
    name: "ways",
    nodes: [
      { id: "loop", loop: { node: add(1, "$last.sum"), until: "$last.sum >= 3", max: 5 } },
      {
        id: "choose",
        branch: [{ when: "$loop.result.sum == 3", then: ["yes"] }, { else: "no" }],
      },
      { id: "yes", ...add("$loop.result.sum", 1) },
      { id: "no", ...add(0, 0) },
      { id: "end", collect: ["$yes.result.sum", "$no.state"], join: "none_failed" },
    ],
  },
  "runs others and waits": {
    name: "within",
    nodes: [
      { id: "go", wait: { signal: "go" } },
      { id: "ask", wait: { approval: "Go on?" } },
      { id: "pause", wait: { timeoutMs: 5_000 }, after: ["go"] },
      { id: "late", wait: { signal: "never", timeoutMs: 1_000 } },
      { id: "sub", sub: { workflow: inner, input: "$go.payload" }, after: ["pause", "ask"] },
      { id: "any", ...add(5, 5), after: ["late", "sub"], join: "one_success" },
    ],
  },
  "fails and undoes": {
    name: "saga",
    nodes: [
      { id: "one", ...add(1, 0), ...undo("one") },
      { id: "two", ...add("$one.result.sum", 0), ...undo("two") },
      { id: "sub", sub: { workflow: inner, input: 1 }, after: ["two"], ...undo("sub") },
      {
        id: "stuck",
        collect: "$sub.result",
        compensate: { tool: "fail", input: { was: "$stuck.result" } },
      },
      { id: "bad", tool: "fail", after: ["stuck"] },
      { id: "never", ...add(0, 0), after: ["bad"] },
    ],
  },
  "fails within, where that is undone": {
    name: "inner-saga",
    nodes: [
      { id: "one", ...add(1, 0), ...undo("one") },
      {
        id: "sub",
        sub: {
          workflow: {
            ...{ name: "bad", nodes: [...inner.nodes, { id: "z", tool: "fail", after: ["y"] }] },
          },
          input: "$one.result.sum",
        },
      },
    ],
  },
};

/** Where a queue dies: around the commit of this number, from 0. */
interface Death {
  readonly commit: number;
  readonly when: "before" | "after";
}

/** The store as one process sees it, until that dies; then nothing is answered any more. */
interface Life {
  readonly store: QueueStore;
  readonly commits: number;
  readonly death: Promise<"dead">;
}

class Unwritten extends Error {}

function lifeOf(store: QueueStore, fate?: Death): Life {
  const { promise: death, resolve } = Promise.withResolvers<"dead">();
  let commits = 0;
  const transact: QueueStore["transact"] = async (queue, hints, work) => {
    let isLast = false;
    const die = (): Promise<never> => {
      resolve("dead");
      return new Promise(() => {});
    };
    try {
      const answer = await store.transact(queue, hints, (reader) => {
        const worked = work(reader);
        if (!worked.changes) return worked;
        isLast = commits === fate?.commit;
        commits += 1;
        if (isLast && fate?.when === "before") throw new Unwritten();
        return worked;
      });
      return isLast ? await die() : answer;
    } catch (error) {
      if (error instanceof Unwritten) return die();
      throw error;
    }
  };
  const seen: QueueStore = {
    isShared: store.isShared,
    transact,
    queues: () => store.queues(),
    task: (id) => store.task(id),
    list: (query) => store.list(query),
    leased: (queue) => store.leased(queue),
    nextDue: (queue) => store.nextDue(queue),
    ahead: (task, limit) => store.ahead(task, limit),
    expired: (queue, now, limit) => store.expired(queue, now, limit),
    log: (queue, range) => store.log(queue, range),
    blob: (cid) => store.blob(cid),
    facts: () => store.facts(),
    close: async () => {},
  };
  return {
    ...{ store: seen, death },
    get commits() {
      return commits;
    },
  };
}

/** The run that was submitted; who asked for it looks for it first, where the answer was lost. */
async function runIn(store: QueueStore): Promise<Task | undefined> {
  const runs = await store.list({ queue: "default", kind: "workflow", limit: 100 });
  return runs.find(({ spec }) => spec.flow === undefined);
}

/** Submit it where that has not happened, and do all that is to be done, until it is over. */
async function bringToEnd(scene: WorkflowScene, workflow: object): Promise<void> {
  const id = (await runIn(scene.store))?.spec.id ?? (await scene.submit(workflow));
  for (let turn = 0; turn < 50; turn += 1) {
    await workAll(scene);
    if (isFinal(await scene.run(id))) return;
    await answer(scene, id);
    // What is left waits for time: a pause, or a lease that died with its worker.
    await scene.clock.advance(31_000);
  }
  throw new Error("the run does not end");
}

/** Two at a time, and each of them has a commit of its own. */
async function workAll({ queue }: WorkflowScene): Promise<void> {
  for (;;) {
    const ask = { worker: "tester", max: 2, can: () => true, waitMs: 0 };
    const claimed = await queue.claim(ask);
    if (claimed.length === 0) return;
    for (const task of claimed) await workOne(queue, task);
  }
}

async function workOne(queue: WorkflowScene["queue"], task: Task): Promise<void> {
  const { id, tool = "", input } = task.spec;
  if (tool === "fail") {
    const error = { code: "tool_failed", message: "no luck" };
    await queue.fail(id, task.token, { error, isRetryable: false });
    return;
  }
  const value = tools[tool]?.(input as never, task);
  await queue.complete(id, task.token, resultOf({ content: [], structuredContent: value }));
}

/** Say what the run waits for; whoever said it before, and did not hear of it, says it again. */
async function answer({ queue }: WorkflowScene, id: string): Promise<void> {
  const said = [
    { node: "go", payload: 40, isApproval: false },
    { node: "ask", payload: { approved: true }, isApproval: true },
  ];
  for (const one of said) {
    if (!(await queue.task(`${id}.${one.node}`))) continue;
    await queue
      .run((set) => tell(set, id, one))
      .catch((error: unknown) => {
        if (!(error instanceof ConflictError)) throw error;
      });
  }
}

/** What is to be the same, whatever died. */
interface Story {
  /** By place: state, value or error; the run's own place is the empty text. */
  readonly tasks: Readonly<Record<string, unknown>>;
  readonly counts: RunState["counts"];
  readonly undone: readonly string[];
}

async function storyOf(store: QueueStore): Promise<Story> {
  const run = await runIn(store);
  assert(run, "the run is there");
  const { id } = run.spec;
  const all = await store.list({ queue: "default", limit: 1_000 });
  const meta = await store.transact(
    "default",
    { ids: [], keys: [], groups: [], lanes: [] },
    (reader) => ({
      answer: reader.meta(),
    }),
  );
  const log = readLog(await store.log("default", { from: 0, to: Infinity }), meta);
  assertEquals(log.faults, []);
  const ends = log.events.filter(({ event }) =>
    ["completed", "failed", "cancelled"].includes(event.type),
  );
  const ended = ends.map(({ event }) => event.task);
  assertEquals(ended.toSorted(), all.map(({ spec }) => spec.id).sort(), "each ends once");
  assertEquals(
    Object.values(meta.counters).reduce((sum, one) => sum + one, 0),
    all.length,
    "the queue counts what is there",
  );
  const told = all.map(({ spec, ...task }): [string, unknown] => [
    spec.id.slice(id.length + 1),
    [task.state, outcomeValue({ spec, ...task }) ?? task.error],
  ]);
  return {
    tasks: Object.fromEntries(told.sort(([a], [b]) => (a < b ? -1 : 1))),
    counts: runStateOf(run).counts,
    undone: ended.filter((one) => one.endsWith("~undo")).map((one) => one.slice(id.length + 1)),
  };
}

/** One life; `false` where it ended before the run did. */
async function live(life: Life, workflow: object, at: number): Promise<WorkflowScene | "dead"> {
  const open = async (): Promise<WorkflowScene> => {
    // What is abandoned is not closed.
    const scene = await createWorkflowScene({ after: () => {} }, tools, async () => life.store);
    await scene.clock.advance(at);
    await bringToEnd(scene, workflow);
    await scene.queue.close();
    return scene;
  };
  return Promise.race([life.death, open()]);
}

async function undisturbed(workflow: object): Promise<{ story: Story; commits: number }> {
  const store = createMemoryQueueStore();
  const life = lifeOf(store);
  await live(life, workflow, 0);
  return { story: await storyOf(store), commits: life.commits };
}

/** Far enough that no clock goes back, and not so far that results are forgotten. */
const LATER_MS = 200_000;

/** Late enough that the second queue has taken over, and done something. */
const SECOND_DEATH = 3;

describe("a workflow whose queue dies", () => {
  for (const [what, workflow] of Object.entries(workflows)) {
    for (const when of ["before", "after"] as const) {
      it(`that ${what} is the same, whichever commit it dies right ${when}`, async () => {
        const { story, commits } = await undisturbed(workflow);
        assert(commits > 5);

        for (let commit = 0; commit < commits; commit += 1) {
          const store = createMemoryQueueStore();
          const first = await live(lifeOf(store, { commit, when }), workflow, 0);
          assertEquals(first, "dead");
          await live(lifeOf(store), workflow, LATER_MS);

          assertEquals(await storyOf(store), story, `death right ${when} commit ${commit}`);
        }
      });
    }

    it(`that ${what} is the same, where the next one dies as well`, async () => {
      const { story, commits } = await undisturbed(workflow);

      for (let commit = 0; commit < commits; commit += 1) {
        const store = createMemoryQueueStore();
        await live(lifeOf(store, { commit, when: "after" }), workflow, 0);
        const again = lifeOf(store, { commit: SECOND_DEATH, when: "after" });
        await live(again, workflow, LATER_MS);
        await live(lifeOf(store), workflow, 2 * LATER_MS);

        assertEquals(
          await storyOf(store),
          story,
          `deaths after commits ${commit} and ${SECOND_DEATH}`,
        );
      }
    });
  }
});
