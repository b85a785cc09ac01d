/** Graphs for the tests of drawings. @module */

import type {
  NodeStateName,
  WorkflowDag,
  WorkflowInfo,
  WorkflowNodeInfo,
} from "../../../../src/registry/workflows.ts";

type NodeGiven = Partial<WorkflowNodeInfo> & Pick<WorkflowNodeInfo, "id">;

/** A node that has done `http_get`, but for what is given. */
const nodeOf = (given: NodeGiven): WorkflowNodeInfo => ({
  kind: "tool",
  ...(given.kind === undefined || given.kind === "tool" ? { tool: "http_get" } : {}),
  state: "done",
  after: [],
  attempts: 1,
  ...given,
});

/** A run of these nodes, counted. */
export function dagOf(
  nodes: readonly NodeGiven[],
  criticalPath: readonly string[] = [],
  workflow: Partial<WorkflowInfo> = {},
): WorkflowDag {
  const whole = nodes.map(nodeOf);
  const counts: Partial<Record<NodeStateName, number>> = {};
  for (const { state } of whole) counts[state] = (counts[state] ?? 0) + 1;
  return {
    workflow: {
      workflowId: "w1",
      name: "nightly",
      queue: "default",
      definitionCid: "bafy",
      state: "running",
      submittedBy: "ops",
      submittedAt: "2026-11-20T12:00:00.000Z",
      labels: {},
      nodes: whole.length,
      counts,
      ...workflow,
    },
    nodes: whole,
    criticalPath,
  };
}

/** Fetches, asks whether to go on, and waits for a person; one way is cut off. */
export const SAMPLE: WorkflowDag = dagOf(
  [
    { id: "fetch", durationMs: 1_400 },
    { id: "is_large", kind: "branch", after: ["fetch"], durationMs: 2 },
    {
      id: "embed",
      kind: "map",
      tool: "vector_embed",
      state: "running",
      after: ["is_large"],
      attempts: 2,
      startedAt: "2026-11-20T12:00:05.000Z",
      progress: { done: 30, total: 40 },
    },
    { id: "sketch", state: "skipped", after: ["is_large"] },
    {
      id: "release",
      kind: "wait",
      state: "waiting",
      after: ["fetch"],
      waitsFor: { approval: "ops", until: "2026-11-21T12:00:00Z" },
    },
    { id: "end", kind: "sub", state: "pending", after: ["embed", "release"] },
  ],
  ["fetch", "is_large", "embed", "end"],
);

/** What must not end a label, a tag, a line or a comment. */
export const HOSTILE =
  "a\"]b\nc<script>alert('1')</script>&d#quot;e\\N`**f**`]]>--%%{g}\u001b[2J\u202eh";

/** A run whose every text is {@link HOSTILE}. */
export const HOSTILE_DAG: WorkflowDag = dagOf(
  [
    { id: HOSTILE, tool: HOSTILE, state: "failed", error: { code: "x", message: HOSTILE } },
    {
      id: "__proto__",
      kind: "wait",
      state: "waiting",
      after: [HOSTILE, "nobody", "__proto__", HOSTILE],
      worker: HOSTILE,
      waitsFor: { signal: HOSTILE, approval: HOSTILE, until: HOSTILE },
    },
  ],
  [HOSTILE, "__proto__"],
  { name: HOSTILE, error: { code: "x", message: HOSTILE } },
);

/** So many nodes, one after the other. */
export const chainOf = (count: number): WorkflowDag =>
  dagOf(
    Array.from({ length: count }, (_, at) => ({
      id: `step_${at}`,
      after: at === 0 ? [] : [`step_${at - 1}`],
    })),
  );
