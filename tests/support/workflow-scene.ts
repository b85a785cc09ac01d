/** Workflows on a queue of a test's own, whose tools are functions. @module */

import { resultOf } from "../../src/queue/local-source.ts";
import { createMemoryQueueStore } from "../../src/queue/memory-store.ts";
import { Queue } from "../../src/queue/queue.ts";
import type { QueueStore } from "../../src/queue/queue-store.ts";
import { isFinal, NEVER, type Task } from "../../src/queue/task.ts";
import { newTaskId } from "../../src/queue/task-id.ts";
import type { Workflows } from "../../src/registry/workflows.ts";
import { submitRun } from "../../src/workflow/commands.ts";
import { createFlows } from "../../src/workflow/flows.ts";
import { createRunRecord } from "../../src/workflow/record/run-record.ts";
import { outcomeValue } from "../../src/workflow/values.ts";
import { createFakeClock, type FakeClock } from "./fake-clock.ts";
import type { Cleanup } from "./temp-folder.ts";

/** A tool; what it throws fails its attempt, and no other is made where the message begins with "no". */
export type TestTool = (input: never, task: Task) => unknown;

/** A queue with workflows. */
export interface WorkflowScene {
  readonly queue: Queue;
  readonly store: QueueStore;
  readonly clock: FakeClock;
  /** What the tools tell of runs afterwards. */
  readonly record: Pick<Workflows, "events" | "proof">;
  /** Tools that were called, in order: `tool(input)`. */
  readonly calls: readonly string[];
  submit(
    workflow: object,
    input?: unknown,
    more?: { readonly reuse?: { run: string; except: readonly string[] } },
  ): Promise<string>;
  /** Work tasks until none is ready. */
  work(): Promise<void>;
  run(id: string): Promise<Task>;
  /** State and value of a node, or of an item of it. */
  node(id: string, node: string): Promise<readonly [state: string, value?: unknown]>;
  /** As after a crash: another queue on the same store. */
  reopen(): Promise<void>;
}

/** Open it. */
export async function createWorkflowScene(
  t: Cleanup,
  tools: Readonly<Record<string, TestTool>>,
  openStore: () => Promise<QueueStore> = async () => createMemoryQueueStore(),
): Promise<WorkflowScene> {
  const clock = createFakeClock(Date.UTC(2026, 10, 30));
  const store = await openStore();
  const calls: string[] = [];
  const open = async (): Promise<{
    readonly queue: Queue;
    readonly flows: ReturnType<typeof createFlows>;
  }> => {
    const flows = createFlows(store);
    const queue = await Queue.open({
      ...{ name: "default", store, clock, random: () => 0.5, flows },
      limits: () => ({ leaseMs: 30_000, maxBacklog: 1_000_000 }),
      trouble: (what, error) => {
        throw new Error(what, { cause: error });
      },
    });
    return { queue, flows };
  };
  let opened = await open();
  t.after(async () => {
    await opened.queue.close();
    await store.close();
  });
  const task = async (id: string): Promise<Task> => {
    const found = await opened.queue.task(id);
    if (!found) throw new Error(`there is no task ${id}`);
    return found;
  };
  const nobody = (): never => {
    throw new Error("there are no peers");
  };
  return {
    ...{ store, clock, calls },
    get queue() {
      return opened.queue;
    },
    get record() {
      return createRunRecord({
        ...{ store, clock, flows: opened.flows, queue: async () => opened.queue },
        ...{ owner: () => "home", peerQueue: nobody, idOf: nobody },
      });
    },
    async submit(workflow, input = {}, { reuse } = {}) {
      const definition = opened.flows.plans.add(workflow);
      const spec = {
        ...{ id: newTaskId(clock.now()), queue: "default", kind: "workflow", input: { input } },
        ...{
          timeoutMs: 60_000,
          maxAttempts: 3,
          maxStalls: 3,
          requires: [],
          resultTtlMs: 3_600_000,
        },
        backoff: { initialMs: 1_000, factor: 2, maxMs: 60_000, jitter: 0 },
        ...{ caller: { id: "tester", grant: null }, submittedAt: clock.now(), generation: 0 },
      };
      const wanted = { spec, priority: 5, runAt: NEVER, labels: {} };
      const about = { task: wanted, definition, maxBacklog: 1_000_000, ...(reuse && { reuse }) };
      await opened.queue.run((set) => submitRun(set, about));
      return spec.id;
    },
    async work() {
      for (;;) {
        const ask = { worker: "tester", max: 16, can: () => true, waitMs: 0 };
        const claimed = await opened.queue.claim(ask);
        if (claimed.length === 0) return;
        await Promise.all(
          claimed.map(async (one) => {
            const { id, tool = "", input } = one.spec;
            calls.push(`${tool}(${JSON.stringify(input)})`);
            try {
              const value = await tools[tool]?.(input as never, one);
              const result = { content: [], structuredContent: value };
              await opened.queue.complete(id, one.token, resultOf(result));
            } catch (error) {
              const message = error instanceof Error ? error.message : String(error);
              const failure = {
                error: { code: "tool_failed", message },
                isRetryable: !/^no/.test(message),
              };
              await opened.queue.fail(id, one.token, failure);
            }
          }),
        );
      }
    },
    run: task,
    async node(id, node) {
      const found = await opened.queue.task(`${id}.${node}`);
      if (!found) return ["pending"];
      const value = isFinal(found) ? outcomeValue(found) : undefined;
      const { state, error } = found;
      const shown = state === "cancelled" && error?.code === "skipped" ? "skipped" : state;
      return value === undefined ? [shown] : [shown, value];
    },
    async reopen() {
      await opened.queue.close();
      opened = await open();
    },
  };
}
