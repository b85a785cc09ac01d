/** Runs and their nodes as everybody sees them. @module */

import { isFinal, type Task } from "../queue/task.ts";
import type { WorkingSet } from "../queue/working-set.ts";
import type {
  NodeStateName,
  RunStateName,
  WorkflowDag,
  WorkflowInfo,
  WorkflowNodeInfo,
  WorkflowOutcome,
} from "../registry/workflows.ts";
import { outputsOf } from "./ending.ts";
import type { Plan, PlannedNode } from "./plan.ts";
import { type RunState, runStateOf } from "./run-state.ts";
import { type RunInput, taskIdOf } from "./values.ts";

const iso = (at: number): string => new Date(at).toISOString();

/** A run as it is told. */
export function infoOf(task: Task, plan: Plan): WorkflowInfo {
  const { spec, labels, error, finishedAt } = task;
  const flow = runStateOf(task);
  return {
    workflowId: spec.id,
    name: plan.definition.name,
    queue: spec.queue,
    definitionCid: flow.definition,
    state: stateOf(task, flow),
    submittedBy: spec.caller.id,
    submittedAt: iso(spec.submittedAt),
    ...(finishedAt !== undefined && { finishedAt: iso(finishedAt) }),
    labels,
    nodes: plan.nodes.size,
    counts: countsOf(task, flow),
    ...(error && { error }),
    ...(flow.reuse && { previousWorkflowId: flow.reuse.run }),
    ...(flow.coordination && {
      coordination: { coordinator: (spec.input as RunInput).coordinator, ...flow.coordination },
    }),
  };
}

function stateOf({ state }: Task, { ending, held }: RunState): RunStateName {
  if (state === "done" || state === "failed" || state === "cancelled") return state;
  if (ending) return "ending";
  return held ? "paused" : "running";
}

function countsOf(task: Task, { counts, undecided, open }: RunState): WorkflowInfo["counts"] {
  // What has not begun when a run is over never will.
  const left = isFinal(task)
    ? { cancelled: counts.cancelled + undecided }
    : { pending: undecided - open };
  const all: Partial<Record<NodeStateName, number>> = {
    ...counts,
    ...(!isFinal(task) && { running: open }),
    ...left,
  };
  return Object.fromEntries(Object.entries(all).filter(([, count]) => count > 0));
}

/** The graph of a run; reads every node of it. */
export function dagOf(set: Pick<WorkingSet, "task">, run: Task, plan: Plan): WorkflowDag {
  const nodes = [...plan.nodes.values()].map((planned) => nodeOf(set, run, planned));
  return { workflow: infoOf(run, plan), nodes, criticalPath: criticalPathOf(nodes) };
}

function nodeOf(set: Pick<WorkingSet, "task">, run: Task, planned: PlannedNode): WorkflowNodeInfo {
  const { node, before } = planned;
  const { work } = node;
  const tool = work.kind === "tool" ? work.tool : "body" in work ? work.body.tool : undefined;
  const about = {
    id: node.id,
    kind: work.kind,
    ...(tool !== undefined && { tool }),
    after: before,
  };
  const task = set.task(taskIdOf({ run: run.spec.id, node: node.id, role: "node" }));
  if (!task) return { ...about, state: isFinal(run) ? "cancelled" : "pending", attempts: 0 };
  const { startedAt = task.spec.submittedAt, finishedAt, error, worker, peer } = task;
  const state = nodeStateOf(task);
  const hasBegun = state !== "skipped" && state !== "ready";
  return {
    ...about,
    state,
    taskId: task.spec.id,
    attempts: task.attempts,
    ...(worker !== undefined && { worker }),
    ...(peer !== undefined && { peer }),
    ...(hasBegun && { startedAt: iso(startedAt) }),
    ...(finishedAt !== undefined && {
      finishedAt: iso(finishedAt),
      ...(hasBegun && { durationMs: finishedAt - startedAt }),
    }),
    ...progressOf(set, task),
    ...waitOf(task),
    ...(error && error.code !== "skipped" && { error }),
    ...(isReused(task) && { reused: true }),
  };
}

function nodeStateOf({ state, spec, error, peer }: Task): NodeStateName {
  switch (state) {
    case "scheduled":
      if (spec.kind === "workflow.wait") return "waiting";
      return spec.tool === undefined || peer !== undefined ? "running" : "ready";
    case "leased":
      return "running";
    case "dead":
      return "failed";
    case "cancelled":
      return error?.code === "skipped" ? "skipped" : "cancelled";
    default:
      return state;
  }
}

/** Only what was taken over is done without an attempt, and was not decided here. */
function isReused({ spec, state, attempts }: Task): boolean {
  return spec.kind === "tool" && state === "done" && attempts === 0;
}

function progressOf(set: Pick<WorkingSet, "task">, task: Task): Partial<WorkflowNodeInfo> {
  const { kind, input, id } = task.spec;
  if (kind === "workflow.map") {
    const { items } = input as { readonly items: number };
    const { left } = (task.flow ?? { left: 0 }) as { readonly left: number };
    return { progress: { done: items - left, total: items } };
  }
  if (kind !== "workflow.loop") return {};
  let rounds = 0;
  for (
    let round = set.task(`${id}.0`);
    round && isFinal(round);
    round = set.task(`${id}.${rounds}`)
  ) {
    rounds += 1;
  }
  return { progress: { done: rounds } };
}

function waitOf({ spec, runAt, state }: Task): Partial<WorkflowNodeInfo> {
  if (spec.kind !== "workflow.wait" || state !== "scheduled") return {};
  const { signal, approval } = spec.input as {
    readonly signal?: string;
    readonly approval?: string;
  };
  const isTimed = runAt < LATEST;
  return {
    waitsFor: {
      ...(signal !== undefined && { signal }),
      ...(approval !== undefined && { approval }),
      ...(isTimed && { until: iso(runAt) }),
    },
  };
}

/** Later moments stand for never. */
const LATEST = 8_640_000_000_000_000;

/** Back from what ended last, each time to what it had to wait for longest. */
function criticalPathOf(nodes: readonly WorkflowNodeInfo[]): readonly string[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const lastOf = (ids: Iterable<string>): WorkflowNodeInfo | undefined => {
    let last: WorkflowNodeInfo | undefined;
    for (const id of ids) {
      const node = byId.get(id);
      if (node?.startedAt === undefined) continue;
      if (!last || endOf(node) >= endOf(last)) last = node;
    }
    return last;
  };
  const path: string[] = [];
  for (let node = lastOf(byId.keys()); node; node = lastOf(node.after)) path.unshift(node.id);
  return path;
}

/** What runs has not ended, and so ends after everything that has. */
const endOf = ({ finishedAt }: WorkflowNodeInfo): number =>
  finishedAt === undefined ? Infinity : Date.parse(finishedAt);

/** What became of a run. */
export function outcomeOf(
  set: Pick<WorkingSet, "task">,
  run: Task,
  plan: Plan,
  now: number,
): WorkflowOutcome {
  const { spec, result, error, finishedAt } = run;
  const isDone = run.state === "done";
  return {
    workflowId: spec.id,
    state: stateOf(run, runStateOf(run)),
    ...(isDone && { result }),
    ...(!isDone && { outputs: outputsOf(set, run, plan.nodes.keys()) }),
    ...(error && { error }),
    durationMs: (finishedAt ?? now) - spec.submittedAt,
  };
}
