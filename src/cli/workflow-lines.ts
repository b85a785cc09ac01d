/** A run of a workflow and its nodes in words, for tables and for pipes. @module */

import type { WorkflowDag, WorkflowInfo, WorkflowNodeInfo } from "../registry/workflows.ts";
import { oneLine } from "./output.ts";
import { formatShare, formatSpan } from "./task-lines.ts";

/** Whether nothing more happens to a run. */
export function isRunOver({ state }: Pick<WorkflowInfo, "state">): boolean {
  return state === "done" || state === "failed" || state === "cancelled";
}

/** What a node does: `summarize`, `map summarize`, `wait`. */
export function workOf({ kind, tool }: Pick<WorkflowNodeInfo, "kind" | "tool">): string {
  if (tool === undefined) return kind;
  return oneLine(kind === "tool" ? tool : `${kind} ${tool}`);
}

function awaited({ waitsFor }: WorkflowNodeInfo): string {
  if (waitsFor?.approval !== undefined) return ` for approval: ${waitsFor.approval}`;
  if (waitsFor?.signal !== undefined) return ` for the signal "${waitsFor.signal}"`;
  return waitsFor?.until === undefined ? "" : ` until ${waitsFor.until}`;
}

/** Where a node is, and why: `running 40 %`, `waiting for approval: go live?`, `failed: no disk`. */
export function nodeState(node: WorkflowNodeInfo): string {
  const { state, progress, reused, error } = node;
  if (state === "running") return progress ? `running ${formatShare(progress)}` : state;
  if (state === "waiting") return oneLine(state + awaited(node));
  if (state === "done" && reused) return "done, taken over";
  return error ? oneLine(`${state}: ${error.message}`) : state;
}

/** How long a node took; since when it is running where that is not over. */
export function nodeTime({ durationMs, startedAt, finishedAt }: WorkflowNodeInfo): string {
  if (durationMs !== undefined) return formatSpan(durationMs);
  if (startedAt === undefined) return "–";
  if (finishedAt === undefined) return oneLine(`since ${startedAt}`);
  return formatSpan(Date.parse(finishedAt) - Date.parse(startedAt));
}

/** A node's line for a pipe: nothing in it changes by the passing of time. */
export function formatNodeChange(node: WorkflowNodeInfo): string {
  const { id, state, worker, attempts, finishedAt } = node;
  const isWorked = state === "running" || state === "failed";
  const facts = [
    nodeState(node) + (state === "done" && finishedAt !== undefined ? ` in ${nodeTime(node)}` : ""),
    ...(isWorked && worker !== undefined ? [oneLine(worker)] : []),
    ...(isWorked && attempts > 0 ? [`attempt ${attempts}`] : []),
  ];
  return [oneLine(id), workOf(node), ...facts].join("  ");
}

/** Where a run is: `done in 12 s`, `failed: node "load" failed`. */
export function runState({ state, submittedAt, finishedAt, error }: WorkflowInfo): string {
  if (error) return oneLine(`${state}: ${error.message}`);
  if (finishedAt === undefined) return state;
  return `${state} in ${formatSpan(Date.parse(finishedAt) - Date.parse(submittedAt))}`;
}

/** What somebody has to type for the run to go on. */
export function nextSteps({ workflow, nodes }: WorkflowDag): readonly string[] {
  if (isRunOver(workflow)) return [];
  const id = oneLine(workflow.workflowId);
  const steps = nodes.flatMap(({ id: node, state, waitsFor }) => {
    if (state !== "waiting") return [];
    const words = `${id} ${oneLine(node)}`;
    if (waitsFor?.approval !== undefined) {
      return [`mcpp workflow approve ${words} says yes, with --no it says no`];
    }
    return waitsFor?.signal === undefined ? [] : [`mcpp workflow signal ${words} lets it go on`];
  });
  return workflow.state === "paused" ? [...steps, `mcpp workflow resume ${id} goes on`] : steps;
}
