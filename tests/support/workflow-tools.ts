/** The tools of workflows over workflows that only remember what they were asked. @module */

import { assert, assertEquals } from "@std/assert";
import { UnavailableError } from "../../src/errors.ts";
import type { TaskScope, Tasks } from "../../src/registry/tasks.ts";
import type {
  WorkflowDag,
  WorkflowInfo,
  WorkflowNodeInfo,
  WorkflowOutcome,
  Workflows,
} from "../../src/registry/workflows.ts";
import { tools } from "../../tools/workflow/mod.ts";
import type { Cleanup } from "./temp-folder.ts";
import { createToolScene } from "./tool-context.ts";

/** The id of the run that they are about. */
export const RUN = "8d1f4c1e-5b0a-4f0e-9b7c-2f1f6f3f9a10";
/** A moment. */
export const AT = "2026-11-20T00:00:00.000Z";

/** A run that goes on. */
export const info: WorkflowInfo = {
  ...{ workflowId: RUN, name: "report", queue: "default", definitionCid: "bafy", state: "running" },
  ...{ submittedBy: "local", submittedAt: AT, labels: { team: "ops" }, nodes: 3 },
  counts: { done: 1, running: 1, pending: 1 },
};
/** A run that is over. */
export const done: WorkflowInfo = {
  ...{ ...info, state: "done", finishedAt: AT, counts: { done: 3 } },
  error: { code: "timeout", message: "slow", data: { node: "keep" } },
  previousWorkflowId: "older",
};
/** Its nodes. */
export const nodes: readonly WorkflowNodeInfo[] = [
  {
    ...{ id: "fetch", kind: "tool", tool: "cache_get", state: "done", after: [], taskId: "t" },
    ...{ worker: "w", attempts: 2, startedAt: AT, finishedAt: AT, durationMs: 7, reused: true },
  },
  {
    ...{ id: "each", kind: "map", state: "running", after: ["fetch"], attempts: 1 },
    progress: { done: 2, total: 9 },
  },
  {
    ...{ id: "gate", kind: "wait", state: "waiting", after: ["fetch", "each"], attempts: 0 },
    waitsFor: { approval: "Publish?", until: AT },
  },
];
/** Its graph. */
export const dag: WorkflowDag = { workflow: info, nodes, criticalPath: ["fetch", "each"] };
/** What became of it. */
export const outcome: WorkflowOutcome = {
  ...{ workflowId: RUN, state: "done", outputs: { gate: true }, durationMs: 12 },
};

/** Where nothing can be kept. */
const nowhere = {
  workflows: {
    get(): Workflows {
      throw new UnavailableError("runtime_unavailable", "nothing is kept here");
    },
  },
};

type Place = Partial<Pick<Tasks, "forward" | "elsewhere">>;
type Asked = readonly [method: string, ...given: unknown[]];

/** What a test asks, and what was asked for it. */
export interface ToolsScene {
  call(
    name: string,
    input?: Record<string, unknown>,
    options?: { readonly without?: boolean },
  ): Promise<Record<string, unknown>>;
  readonly asked: readonly Asked[];
}

/** Tools by the last part of their name, and what they asked for. */
export async function createScene(
  t: Cleanup,
  own: Partial<Workflows> = {},
  place: Place = {},
): Promise<ToolsScene> {
  const asked: Asked[] = [];
  const told =
    <T>(method: string, answer: T) =>
    async ({ queue, caller }: TaskScope, ...given: unknown[]) => {
      assertEquals(caller.id, "local");
      // The signal is the call's own: there is nothing to compare.
      asked.push([method, queue, ...given.filter((one) => !(one instanceof AbortSignal))]);
      return answer;
    };
  const workflows: Workflows = {
    coordinatorOf: async () => undefined,
    submit: told("submit", { workflow: info, isDuplicate: true, ready: ["fetch"] }),
    status: told("status", info),
    dag: told("dag", dag),
    draw: told("draw", "graph LR"),
    outcome: told("outcome", outcome),
    events: told("events", { events: [], older: 0 }),
    proof: told("proof", "Y2Fy"),
    list: told("list", { workflows: [info, done], nextCursor: "next" }),
    cancel: told("cancel", { workflow: done, cancelledNodes: ["gate"] }),
    coordinate: told("coordinate", { ...info, state: "paused" as const }),
    reschedule: told("reschedule", {
      workflow: { ...info, workflowId: "new", previousWorkflowId: RUN },
      reused: ["fetch"],
    }),
    ...own,
  };
  const tasks = {
    elsewhere: async () => undefined,
    forward: () => Promise.reject(new Error("there is no peer")),
    ...place,
  } as Partial<Tasks> as Tasks;
  const { context } = await createToolScene(t, { workflows, tasks });
  const call = async (
    name: string,
    input: Record<string, unknown> = {},
    { without = false } = {},
  ): Promise<Record<string, unknown>> => {
    const tool = tools.find((one) => one.name === `p2p_workflow_${name}`);
    assert(tool, name);
    const own = without ? Object.defineProperties({ ...context }, nowhere) : context;
    const { structuredContent } = await tool.run(tool.parse(input), own);
    return structuredContent as Record<string, unknown>;
  };
  return { call, asked };
}

/** What another server answers. */
export const answered = (
  structuredContent: Readonly<Record<string, unknown>>,
): { readonly content: []; readonly structuredContent: Readonly<Record<string, unknown>> } => ({
  content: [],
  structuredContent,
});
