/** What every drawing of a workflow says: edges, depths, and the words for a node. @module */

import type {
  NodeStateName,
  RunStateName,
  WorkflowDag,
  WorkflowInfo,
  WorkflowNodeInfo,
} from "../../registry/workflows.ts";

/** The states of a node, in the order in which they are counted. */
export const NODE_STATES: readonly NodeStateName[] = [
  "done",
  "running",
  "waiting",
  "ready",
  "pending",
  "failed",
  "skipped",
  "cancelled",
];

/** A mark a node's state is known by. */
export const MARKS: Readonly<Record<NodeStateName, string>> = {
  done: "✓",
  failed: "✗",
  running: "●",
  ready: "○",
  pending: "○",
  waiting: "⏸",
  skipped: "–",
  cancelled: "–",
};

/** An arrow between two nodes, by their positions in the graph. */
export interface DrawnEdge {
  readonly from: number;
  readonly to: number;
  /** The time of the whole runs over it. */
  readonly isCritical: boolean;
}

/** The arrows of a graph; only forward ones, each once, whatever `after` says. */
export function edgesOf({ nodes, criticalPath }: WorkflowDag): readonly DrawnEdge[] {
  const positions = new Map(nodes.map(({ id }, at) => [id, at]));
  const next = new Map(criticalPath.map((id, at) => [id, criticalPath[at + 1]]));
  return nodes.flatMap(({ id, after }, to) =>
    [...new Set(after)].flatMap((before) => {
      const from = positions.get(before);
      if (from === undefined || from >= to) return [];
      return [{ from, to, isCritical: next.get(before) === id }];
    }),
  );
}

/** The longest distance of each node from a start. */
export function depthsOf(count: number, edges: readonly DrawnEdge[]): readonly number[] {
  const depths = new Array<number>(count).fill(0);
  // Edges come in the order of the nodes they lead to, so what they start from is settled.
  for (const { from, to } of edges) {
    depths[to] = Math.max(depths[to] ?? 0, (depths[from] ?? 0) + 1);
  }
  return depths;
}

/** Text of a stranger as one line that holds nothing invisible and fits XML. */
export function clean(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/\s+/g, " ")
    .replaceAll(/[\p{Cc}\u200B\u2060-\u2064\uFEFF\uFFFE\uFFFF\u202A-\u202E\u2066-\u2069]/gu, "")
    .trim();
}

/** The first `length` characters; a cut shows as "…". */
export function clip(text: string, length: number): string {
  if (text.length <= length) return text;
  const characters = [...text];
  return characters.length <= length
    ? text
    : `${characters.slice(0, Math.max(0, length - 1)).join("")}…`;
}

/** `16 ms`, `1.4 s`, `12 s`, `3 min`. */
export function formatSpan(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 120_000) return `${Math.round(ms / 1000)} s`;
  return ms < 7_200_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`;
}

/** `2026-11-20 12:00:05 UTC`, or the text itself where it is no time. */
export function formatTime(iso: string): string {
  const at = Date.parse(iso);
  if (Number.isNaN(at)) return clean(iso);
  return `${new Date(at).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** What a node does: its tool, its kind, or both. */
export function whatOf({ kind, tool }: WorkflowNodeInfo): string {
  if (tool === undefined) return kind;
  return kind === "tool" ? clean(tool) : `${kind} · ${clean(tool)}`;
}

/** `40/100`, or `40 done` where the end is not known. */
export function formatProgress({ done, total }: NonNullable<WorkflowNodeInfo["progress"]>): string {
  return total === undefined ? `${done} done` : `${done}/${total}`;
}

/** `for signal paid, until 2026-11-20 12:00:00 UTC`; `undefined` where it waits for nothing. */
export function formatWait({ waitsFor }: WorkflowNodeInfo): string | undefined {
  const { signal, approval, until } = waitsFor ?? {};
  const parts = [
    ...(signal === undefined ? [] : [`for signal ${clean(signal)}`]),
    ...(approval === undefined ? [] : [`for approval ${clean(approval)}`]),
    ...(until === undefined ? [] : [`until ${formatTime(until)}`]),
  ];
  return parts.length === 0 ? undefined : parts.join(", ");
}

/** A node's state in words: `done, 1.4 s`, `running, 40/100`, `waiting for signal paid`. */
export function statusOf(node: WorkflowNodeInfo): string {
  const { state, durationMs, progress, reused } = node;
  const wait = state === "waiting" ? formatWait(node) : undefined;
  return [
    wait === undefined ? state : `${state} ${wait}`,
    ...(progress === undefined || state === "done" ? [] : [formatProgress(progress)]),
    ...(durationMs === undefined ? [] : [formatSpan(durationMs)]),
    ...(reused ? ["reused"] : []),
  ].join(", ");
}

/** `6 done, 1 running`: the nodes of a run by state. */
export function formatCounts({ counts }: WorkflowInfo): string {
  return NODE_STATES.flatMap((state) => (counts[state] ? [`${counts[state]} ${state}`] : [])).join(
    ", ",
  );
}

/** How long a run took, or has taken at `now`; `undefined` where that is not known. */
export function elapsedOf(
  { submittedAt, finishedAt }: WorkflowInfo,
  now?: number,
): number | undefined {
  const end = finishedAt === undefined ? now : Date.parse(finishedAt);
  const ms = (end ?? Number.NaN) - Date.parse(submittedAt);
  return Number.isNaN(ms) ? undefined : ms;
}

/** Whether nothing more happens to a run. */
export function isOver(state: RunStateName): boolean {
  return state === "done" || state === "failed" || state === "cancelled";
}
