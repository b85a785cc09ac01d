/** From node to node: what one that ended means for those after it. @module */

import { isFinal, type Task } from "../queue/task.ts";
import type { WorkingSet } from "../queue/working-set.ts";
import { type Beginning, begin } from "./beginning.ts";
import { joined, takesCare, verdictOf } from "./joining.ts";
import type { Plan, PlannedNode } from "./plan.ts";
import type { NodeOutcome, RunState } from "./run-state.ts";
import { skip } from "./tasks.ts";
import { taskIdOf } from "./values.ts";

/** A node of a run, and what the run knows. */
export interface Place {
  readonly id: string;
  readonly state: RunState;
  readonly plan: Plan;
  readonly planned: PlannedNode;
}

/** What steps are made with. */
export interface Steps {
  readonly set: WorkingSet;
  /** Begins a run within one; see {@link Beginning.beginRun}. */
  readonly beginRun: (
    run: Task,
    state: RunState,
    ...within: Parameters<Beginning["beginRun"]>
  ) => boolean;
}

/** A node that ended, as the ones after it see it. */
interface Ended {
  readonly node: string;
  readonly outcome: NodeOutcome;
  readonly task: Task;
}

/** Count a node that ended, and let those after it begin, be skipped, or wait on. */
export function nodeEnded(steps: Steps, { id, state, plan, planned }: Place, task: Task): void {
  const { id: node } = planned.node;
  const outcome = outcomeOf(task);
  state.counts[outcome] += 1;
  state.undecided -= 1;
  state.open -= 1;
  if (outcome === "failed" || outcome === "cancelled") {
    const isCaredFor = planned.after.some((next) => {
      const rule = plan.nodes.get(next)?.node.join;
      return rule !== undefined && takesCare(rule);
    });
    const error = task.error ?? { code: "tool_failed", message: `The node ${node} failed` };
    if (!isCaredFor) state.fault ??= { node, error };
  }
  if (state.ending) return;
  for (const next of planned.after) {
    const successor = plan.nodes.get(next);
    if (successor) join(steps, { id, state, plan, planned: successor }, { node, outcome, task });
  }
}

/** Let a node begin, unless the run is paused. */
export function beginNode({ set, beginRun }: Steps, { id, state, planned }: Place): void {
  const run = set.task(id);
  if (!run) return;
  if (state.held) {
    state.held.push(planned.node.id);
    return;
  }
  state.open += 1;
  begin({
    ...{ set, run, state, planned },
    beginRun: (...within) => beginRun(run, state, ...within),
  });
}

/** The task of a node, once it has begun. */
export function nodeTask(
  set: Pick<WorkingSet, "task">,
  run: string,
  node: string,
): Task | undefined {
  return set.task(taskIdOf({ run, node, role: "node" }));
}

function join(steps: Steps, place: Place, { node: from, outcome, task }: Ended): void {
  const { id, state, planned } = place;
  const { node, before, gates } = planned;
  const { set } = steps;
  if (nodeTask(set, id, node.id) || state.held?.includes(node.id)) return;
  const none = { left: before.length, done: 0, failed: 0, skipped: 0 };
  const joining = state.waiting[node.id] ?? none;
  state.waiting[node.id] = joining;
  const isPassedOver = gates.includes(from) && outcome === "done" && !leadsTo(task, node.id);
  joined(joining, isPassedOver ? undefined : outcome);
  const isChosen = isChosenBy(set, id, planned);
  if (isChosen === undefined) return;
  const verdict = isChosen ? verdictOf(node.join, joining) : "skip";
  if (verdict === "wait") return;
  delete state.waiting[node.id];
  if (verdict === "run") {
    beginNode(steps, place);
    return;
  }
  state.open += 1;
  const reason = isChosen
    ? `${node.join} does not hold of what comes before it`
    : `${gates.join(", ")} took another way`;
  const run = set.task(id);
  if (run) skip(set, run, node.id, reason);
}

/** Whether a branch leads to a node; `undefined` while one that could has not decided. */
function isChosenBy(
  set: Pick<WorkingSet, "task">,
  id: string,
  { node, gates }: PlannedNode,
): boolean | undefined {
  if (gates.length === 0) return true;
  const branches = gates.map((gate) => nodeTask(set, id, gate));
  if (branches.some((branch) => branch && leadsTo(branch, node.id))) return true;
  return branches.every((branch) => branch && isFinal(branch)) ? false : undefined;
}

function outcomeOf({ state, error }: Task): NodeOutcome {
  if (state === "done") return "done";
  if (state === "cancelled") return error?.code === "skipped" ? "skipped" : "cancelled";
  return "failed";
}

/** Whether a branch that has decided leads to a node. */
function leadsTo({ result }: Task, node: string): boolean {
  const { nodes = [] } = (result ?? {}) as { readonly nodes?: readonly string[] };
  return nodes.includes(node);
}
