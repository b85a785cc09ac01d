/** What the tools of workflows answer, as far as commands show it; the rest is passed on. @module */

import * as v from "valibot";
import type { TaskFault } from "../registry/task-views.ts";
import type {
  NodeKind,
  NodeStateName,
  RunCoordination,
  RunStateName,
  WorkflowDag,
  WorkflowInfo,
  WorkflowNodeInfo,
  WorkflowOutcome,
} from "../registry/workflows.ts";
import { readAnswer } from "./read-answer.ts";

/** What became of a submission. */
export interface SubmittedRun {
  readonly workflowId: string;
  readonly state: RunStateName;
  readonly duplicate: boolean;
  /** Nodes that could begin at once. */
  readonly ready: readonly string[];
}

/** A page of runs. */
export interface RunPage {
  readonly workflows: readonly WorkflowInfo[];
  readonly nextCursor?: string;
}

/** Where a run is after something was done with it. */
export interface TouchedRun {
  readonly workflowId: string;
  readonly state: RunStateName;
  /** Those that a cancellation ended. */
  readonly cancelledNodes?: readonly string[];
  /** Who has it, where several servers take part. */
  readonly coordination?: RunCoordination;
}

const RunStateSchema: v.GenericSchema<unknown, RunStateName> = v.picklist([
  ...["running", "paused", "ending", "done", "failed", "cancelled"],
] as readonly RunStateName[]);

const NodeStateSchema: v.GenericSchema<unknown, NodeStateName> = v.picklist([
  ...["pending", "ready", "running", "waiting"],
  ...["done", "failed", "skipped", "cancelled"],
] as readonly NodeStateName[]);

const KindSchema: v.GenericSchema<unknown, NodeKind> = v.picklist([
  ...["tool", "map", "branch", "loop", "sub", "wait", "collect"],
] as readonly NodeKind[]);

const text = v.exactOptional(v.string());

const FaultSchema: v.GenericSchema<unknown, TaskFault> = v.looseObject({
  code: v.string(),
  message: v.string(),
  data: v.exactOptional(v.record(v.string(), v.unknown())),
});

const CoordinationSchema: v.GenericSchema<unknown, RunCoordination> = v.looseObject({
  coordinator: v.string(),
  epoch: v.number(),
  members: v.array(v.string()),
});

const RunSchema: v.GenericSchema<unknown, WorkflowInfo> = v.looseObject({
  workflowId: v.string(),
  name: v.string(),
  queue: v.string(),
  definitionCid: v.string(),
  state: RunStateSchema,
  submittedBy: v.string(),
  submittedAt: v.string(),
  finishedAt: text,
  labels: v.record(v.string(), v.string()),
  nodes: v.number(),
  // States that a newer server has beside these are counted and not shown.
  counts: v.record(v.string(), v.number()),
  error: v.exactOptional(FaultSchema),
  previousWorkflowId: text,
  coordination: v.exactOptional(CoordinationSchema),
  asOf: text,
});

const NodeSchema: v.GenericSchema<unknown, WorkflowNodeInfo> = v.looseObject({
  id: v.string(),
  kind: KindSchema,
  tool: text,
  state: NodeStateSchema,
  after: v.array(v.string()),
  taskId: text,
  worker: text,
  peer: text,
  attempts: v.number(),
  startedAt: text,
  finishedAt: text,
  durationMs: v.exactOptional(v.number()),
  progress: v.exactOptional(
    v.looseObject({ done: v.number(), total: v.exactOptional(v.number()) }),
  ),
  waitsFor: v.exactOptional(v.looseObject({ signal: text, approval: text, until: text })),
  reused: v.exactOptional(v.boolean()),
  error: v.exactOptional(FaultSchema),
});

const DagSchema: v.GenericSchema<unknown, { readonly dag: WorkflowDag }> = v.looseObject({
  dag: v.looseObject({
    workflow: RunSchema,
    nodes: v.array(NodeSchema),
    criticalPath: v.array(v.string()),
  }),
});

const DrawingSchema: v.GenericSchema<unknown, { readonly text: string }> = v.looseObject({
  text: v.string(),
});

const SubmittedSchema: v.GenericSchema<unknown, SubmittedRun> = v.looseObject({
  workflowId: v.string(),
  state: RunStateSchema,
  duplicate: v.boolean(),
  ready: v.array(v.string()),
});

const PageSchema: v.GenericSchema<unknown, RunPage> = v.looseObject({
  workflows: v.array(RunSchema),
  nextCursor: text,
});

const TouchedSchema: v.GenericSchema<unknown, TouchedRun> = v.looseObject({
  workflowId: v.string(),
  state: RunStateSchema,
  cancelledNodes: v.exactOptional(v.array(v.string())),
  coordination: v.exactOptional(CoordinationSchema),
});

const OutcomeSchema: v.GenericSchema<unknown, WorkflowOutcome> = v.looseObject({
  workflowId: v.string(),
  state: RunStateSchema,
  result: v.exactOptional(v.unknown()),
  outputs: v.exactOptional(v.record(v.string(), v.unknown())),
  error: v.exactOptional(FaultSchema),
  durationMs: v.number(),
  asOf: text,
});

/** The answer of `p2p_workflow_submit`. */
export const readSubmittedRun = (answer: unknown): SubmittedRun =>
  readAnswer("p2p_workflow_submit", SubmittedSchema, answer);

/** The answer of `p2p_workflow_get_dag` in the format `json`. */
export const readDag = (answer: unknown): WorkflowDag =>
  readAnswer("p2p_workflow_get_dag", DagSchema, answer).dag;

/** The answer of `p2p_workflow_get_dag` in the other formats. */
export const readDrawing = (answer: unknown): string =>
  readAnswer("p2p_workflow_get_dag", DrawingSchema, answer).text;

/** The answer of `p2p_workflow_list`. */
export const readRunPage = (answer: unknown): RunPage =>
  readAnswer("p2p_workflow_list", PageSchema, answer);

/** The answer of `p2p_workflow_cancel` and of `p2p_workflow_coordinate`. */
export const readTouchedRun = (tool: string, answer: unknown): TouchedRun =>
  readAnswer(tool, TouchedSchema, answer);

/** The answer of `p2p_workflow_get_result`. */
export const readRunOutcome = (answer: unknown): WorkflowOutcome =>
  readAnswer("p2p_workflow_get_result", OutcomeSchema, answer);
