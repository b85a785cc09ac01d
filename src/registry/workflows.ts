/**
 * What tools, HTTP and the command line see of workflows. Satisfied by `src/workflow`; types only.
 *
 * Times are ISO-8601, spans ms. Whoever has not the ability `admin` sees only what it submitted itself.
 *
 * @module
 */

import type { TaskFault } from "./task-views.ts";
import type { TaskScope } from "./tasks.ts";

/** Where a run is in its life. */
export type RunStateName = "running" | "paused" | "ending" | "done" | "failed" | "cancelled";

/** Where a node is: `pending` has not begun, `waiting` waits for a signal, an approval or time. */
export type NodeStateName =
  | "pending"
  | "ready"
  | "running"
  | "waiting"
  | "done"
  | "failed"
  | "skipped"
  | "cancelled";

/** What a node does. */
export type NodeKind = "tool" | "map" | "branch" | "loop" | "sub" | "wait" | "collect";

/** A run, as everybody sees it. */
export interface WorkflowInfo {
  readonly workflowId: string;
  readonly name: string;
  readonly queue: string;
  readonly definitionCid: string;
  readonly state: RunStateName;
  readonly submittedBy: string;
  readonly submittedAt: string;
  readonly finishedAt?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly nodes: number;
  /** Nodes by state; states that no node is in are left out. */
  readonly counts: Readonly<Partial<Record<NodeStateName, number>>>;
  readonly error?: TaskFault;
  /** The run whose finished nodes it takes over. */
  readonly previousWorkflowId?: string;
  /** Who has it, where other servers take part in it. */
  readonly coordination?: RunCoordination;
  /** Its coordinator could not be asked: this is what that one said last, of this moment. */
  readonly asOf?: string;
}

/** The servers that take part in a run, by their ids. */
export interface RunCoordination {
  readonly coordinator: string;
  /** Grows with each coordinator. */
  readonly epoch: number;
  readonly members: readonly string[];
  /** Fewer than a majority of them have what is told here. */
  readonly isUnconfirmed?: boolean;
}

/** A node of a run. */
export interface WorkflowNodeInfo {
  readonly id: string;
  readonly kind: NodeKind;
  readonly tool?: string;
  readonly state: NodeStateName;
  /** Nodes that come before it. */
  readonly after: readonly string[];
  /** Its task in the queue, once it has begun. */
  readonly taskId?: string;
  /** Who works it, or did. */
  readonly worker?: string;
  /** The peer in whose queue it is, or was. */
  readonly peer?: string;
  readonly attempts: number;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly durationMs?: number;
  /** Items of a map, rounds of a loop: how many are over, and of how many. */
  readonly progress?: { readonly done: number; readonly total?: number };
  /** What a `wait` waits for. */
  readonly waitsFor?: {
    readonly signal?: string;
    readonly approval?: string;
    readonly until?: string;
  };
  /** Its result was taken over from an earlier run. */
  readonly reused?: boolean;
  readonly error?: TaskFault;
}

/** The graph of a run, for whoever draws it. */
export interface WorkflowDag {
  readonly workflow: WorkflowInfo;
  /** In a topological order. */
  readonly nodes: readonly WorkflowNodeInfo[];
  /** Ids of the nodes whose times add up to the time of the whole, first to last. */
  readonly criticalPath: readonly string[];
}

/** Something that happened in a run, as the log of its queue has it. */
export interface WorkflowEvent {
  /** Its place in the log. */
  readonly number: number;
  readonly at: string;
  readonly type: string;
  /** Where: `sums`, `sums.3` for an item or a round, `sums~undo`, `inner.sums`; missing for the run itself. */
  readonly node?: string;
  readonly taskId: string;
  /** CID of the event's dag-cbor. */
  readonly cid: string;
  /** CID of the header of the commit that holds it. */
  readonly commit: string;
  /** Commits of other owners' logs that it follows from. */
  readonly cites?: readonly WorkflowCitation[];
  readonly facts: Readonly<Record<string, unknown>>;
}

/** A commit of another owner's log. */
export interface WorkflowCitation {
  readonly owner: string;
  readonly queue: string;
  readonly commit: string;
}

/** What became of a run. */
export interface WorkflowOutcome {
  readonly workflowId: string;
  readonly state: RunStateName;
  readonly result?: unknown;
  /** Results of the nodes that are done, while the whole is not. */
  readonly outputs?: Readonly<Record<string, unknown>>;
  readonly error?: TaskFault;
  readonly durationMs: number;
  /** See {@link WorkflowInfo.asOf}. */
  readonly asOf?: string;
}

/** What can be done with a run that goes on. */
export type RunAction =
  | { readonly action: "pause" | "resume" }
  /** Another of those who take part coordinates it from now on. */
  | { readonly action: "handoff"; readonly to: string }
  /** This server coordinates it from now on: its coordinator is gone. */
  | { readonly action: "takeover" }
  | { readonly action: "signal"; readonly node: string; readonly payload?: unknown }
  | {
      readonly action: "approve";
      readonly node: string;
      readonly isApproved: boolean;
      readonly note?: string;
    };

/** The workflows of this server. */
export interface Workflows {
  /** Who is to be asked about a run that is not coordinated here; `undefined` where nobody else is known. */
  coordinatorOf(scope: TaskScope, workflowId: string): Promise<string | undefined>;
  submit(
    scope: TaskScope,
    request: {
      readonly workflow: Readonly<Record<string, unknown>>;
      readonly input?: unknown;
      readonly idempotencyKey?: string | undefined;
      readonly labels?: Readonly<Record<string, string>> | undefined;
      /** Ids, names or addresses of peers that take part. */
      readonly peers?: readonly string[] | undefined;
    },
  ): Promise<{
    readonly workflow: WorkflowInfo;
    /** It was there already, under this key. */
    readonly isDuplicate: boolean;
    /** Nodes that could begin at once. */
    readonly ready: readonly string[];
  }>;
  /** Waits up to `waitMs` for the run to be over. */
  status(
    scope: TaskScope,
    workflowId: string,
    waitMs: number,
    signal: AbortSignal,
  ): Promise<WorkflowInfo>;
  dag(scope: TaskScope, workflowId: string): Promise<WorkflowDag>;
  /** The graph as a text of that format. */
  draw(scope: TaskScope, workflowId: string, format: "mermaid" | "dot" | "svg"): Promise<string>;
  /** The newest events of a run and of all that it is made of, in the order of the log, and how many are older. */
  events(
    scope: TaskScope,
    workflowId: string,
  ): Promise<{ readonly events: readonly WorkflowEvent[]; readonly older: number }>;
  /** What proves the order of a run's events to anybody: a CAR file, in base64. */
  proof(scope: TaskScope, workflowId: string, signal: AbortSignal): Promise<string>;
  outcome(
    scope: TaskScope,
    workflowId: string,
    waitMs: number,
    signal: AbortSignal,
  ): Promise<WorkflowOutcome>;
  list(
    scope: TaskScope,
    query: {
      readonly state?: RunStateName | undefined;
      readonly label?: string | undefined;
      readonly limit: number;
      readonly cursor?: string | undefined;
    },
  ): Promise<{ readonly workflows: readonly WorkflowInfo[]; readonly nextCursor?: string }>;
  cancel(
    scope: TaskScope,
    workflowId: string,
    options: { readonly reason?: string | undefined; readonly compensate: boolean },
  ): Promise<{ readonly workflow: WorkflowInfo; readonly cancelledNodes: readonly string[] }>;
  coordinate(scope: TaskScope, workflowId: string, action: RunAction): Promise<WorkflowInfo>;
  /** A new run that takes over finished nodes whose calls are the same; `from` and all after it run again. */
  reschedule(
    scope: TaskScope,
    workflowId: string,
    from: string | undefined,
  ): Promise<{ readonly workflow: WorkflowInfo; readonly reused: readonly string[] }>;
}
