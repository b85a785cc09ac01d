/** All that a tool author imports. @module */

export { AuthError, DeadlineError, InputError, ToolError, UnavailableError } from "./errors.ts";
export { nearest } from "./nearest.ts";
export { createAbsentCategory } from "./registry/absent-category.ts";
export type { Access, Caller } from "./registry/caller.ts";
export type { Category } from "./registry/category.ts";
export type { Cache, Files, Monitor, Services, ToolContext } from "./registry/context.ts";
export type { Tool, ToolAnnotations, ToolDefinition } from "./registry/definition.ts";
export { defineTool } from "./registry/definition.ts";
export { labelsSchema, whole, words } from "./registry/input-forms.ts";
export type {
  BootstrapReport,
  ConnectionInfo,
  PeerInfo,
  PeerMetrics,
  Peers,
  SignedRecord,
} from "./registry/peers.ts";
export {
  answerPlaced,
  atPeer,
  type Placed,
  type PlaceEntries,
  placeEntries,
  waitInParts,
} from "./registry/placed.ts";
export { type CallResult, type ContentBlock, text } from "./registry/result.ts";
export type {
  QueueStatus,
  TaskFault,
  TaskHistoryEntry,
  TaskInfo,
  TaskOutcome,
  TaskProgressInfo,
  TaskStateName,
  WorkerInfo,
} from "./registry/task-views.ts";
export type { TaskScope, Tasks } from "./registry/tasks.ts";
export { upstreamStatusSchema } from "./registry/upstream-schema.ts";
export type {
  NodeKind,
  NodeStateName,
  RunAction,
  RunCoordination,
  RunStateName,
  WorkflowCitation,
  WorkflowDag,
  WorkflowEvent,
  WorkflowInfo,
  WorkflowNodeInfo,
  WorkflowOutcome,
  Workflows,
} from "./registry/workflows.ts";
export { redact } from "./telemetry/redact.ts";
