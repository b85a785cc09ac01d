/** What the tools of workflows answer. @module */

import * as v from "valibot";
import type {
  RunStateName,
  TaskFault,
  WorkflowEvent,
  WorkflowInfo,
  WorkflowNodeInfo,
  WorkflowOutcome,
} from "../../src/tool.ts";
import { asOfSchema, coordinationSchema } from "./coordination-schema.ts";
import { eventSchema } from "./event-schema.ts";
import { STATES } from "./schemas.ts";

/** A number with a word on its unit or meaning. */
const number = (description: string): v.GenericSchema<number> =>
  v.pipe(v.number(), v.description(description));

/** A text with a word on its meaning. */
export const text = (description: string): v.GenericSchema<string> =>
  v.pipe(v.string(), v.description(description));

/** The state of a run. */
export const stateSchema: v.GenericSchema<RunStateName> = v.picklist(STATES);

const nodeStateSchema: v.GenericSchema<WorkflowNodeInfo["state"]> = v.picklist([
  "pending",
  "ready",
  "running",
  "waiting",
  "done",
  "failed",
  "skipped",
  "cancelled",
]);

const faultSchema: v.GenericSchema<TaskFault> = v.object({
  code: v.string(),
  message: v.string(),
  data: v.exactOptional(v.record(v.string(), v.unknown())),
});

const runEntries = {
  workflowId: v.string(),
  name: v.string(),
  queue: v.string(),
  definitionCid: text("CID of the workflow's dag-cbor"),
  state: stateSchema,
  submittedBy: v.string(),
  submittedAt: v.string(),
  finishedAt: v.exactOptional(v.string()),
  labels: v.record(v.string(), v.string()),
  counts: v.pipe(
    v.record(v.string(), v.number()) as v.GenericSchema<WorkflowInfo["counts"]>,
    v.description("Nodes by state"),
  ),
  error: v.exactOptional(faultSchema),
  previousWorkflowId: v.exactOptional(text("The run whose finished nodes it takes over")),
  coordination: v.exactOptional(coordinationSchema),
  asOf: v.exactOptional(asOfSchema),
};

/** Checks and describes a {@link WorkflowInfo}. */
export const workflowSchema: v.GenericSchema<WorkflowInfo> = v.object({
  ...runEntries,
  nodes: number("How many"),
});

/** Checks and describes a {@link WorkflowNodeInfo}. */
export const nodeSchema: v.GenericSchema<WorkflowNodeInfo> = v.object({
  id: v.string(),
  kind: v.picklist(["tool", "map", "branch", "loop", "sub", "wait", "collect"]),
  tool: v.exactOptional(v.string()),
  state: nodeStateSchema,
  after: v.pipe(v.array(v.string()), v.description("Nodes that come before it")),
  taskId: v.exactOptional(text("Its task in the queue")),
  worker: v.exactOptional(text("Who works it, or did")),
  peer: v.exactOptional(text("The peer in whose queue it is, or was")),
  attempts: v.number(),
  startedAt: v.exactOptional(v.string()),
  finishedAt: v.exactOptional(v.string()),
  durationMs: v.exactOptional(v.number()),
  progress: v.exactOptional(
    v.pipe(
      v.object({ done: v.number(), total: v.exactOptional(v.number()) }),
      v.description("Items of a map or rounds of a loop that are over"),
    ),
  ),
  waitsFor: v.exactOptional(
    v.object({
      signal: v.exactOptional(v.string()),
      approval: v.exactOptional(text("What somebody has to say yes or no to")),
      until: v.exactOptional(v.string()),
    }),
  ),
  reused: v.exactOptional(
    v.pipe(v.boolean(), v.description("Its result was taken over from an earlier run")),
  ),
  error: v.exactOptional(faultSchema),
});

/** Checks and describes a {@link WorkflowOutcome}. */
export const outcomeSchema: v.GenericSchema<WorkflowOutcome> = v.object({
  workflowId: v.string(),
  state: stateSchema,
  result: v.exactOptional(v.unknown()),
  outputs: v.exactOptional(
    v.pipe(
      v.record(v.string(), v.unknown()),
      v.description("Results by node, where the workflow names no output"),
    ),
  ),
  error: v.exactOptional(faultSchema),
  durationMs: v.number(),
  asOf: v.exactOptional(asOfSchema),
});

/** The nodes whose times add up to the time of the whole. */
export const criticalPathSchema: v.GenericSchema<readonly string[]> = v.pipe(
  v.array(v.string()),
  v.description("Nodes whose times add up to the time of the whole, first to last"),
) as v.GenericSchema<readonly string[]>;

/** A run; the nodes themselves stand where {@link WorkflowInfo} has their number. */
export interface RunStatus extends Omit<WorkflowInfo, "nodes"> {
  readonly criticalPath: readonly string[];
  readonly nodes?: readonly WorkflowNodeInfo[];
  readonly outcome?: WorkflowOutcome;
  readonly events?: readonly WorkflowEvent[];
  readonly olderEvents?: number;
}

/** Checks and describes a {@link RunStatus}. */
export const runStatusSchema: v.GenericSchema<RunStatus> = v.object({
  ...runEntries,
  criticalPath: criticalPathSchema,
  nodes: v.exactOptional(v.array(nodeSchema)),
  outcome: v.exactOptional(outcomeSchema),
  events: v.exactOptional(v.array(eventSchema)),
  olderEvents: v.exactOptional(number("Events before these, which are left out")),
});
