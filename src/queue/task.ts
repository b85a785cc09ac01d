/**
 * A task and its state machine: what happened to it decides what it is, and nothing else does.
 *
 * `next` is pure. The queue stores what it returns and logs the event that led there.
 *
 * ```text
 * scheduled ─► ready ─► leased ─► done
 *                ▲         ├────► failed      an error that another try cannot mend
 *                ├─────────┤
 *              again,      └────► dead        attempts or stalls are used up
 *              later       (cancelled from each of the first three)
 * ```
 *
 * A handler that must know something first ends its attempt with questions: the task is `scheduled`
 * until the last of them is answered, and `ready` then.
 *
 * Times are milliseconds since 1970, spans milliseconds.
 *
 * @module
 */

/** A moment that does not come (ECMA-262 21.4.1.1): the task waits for something else. */
export const NEVER = 8_640_000_000_000_000;

/** Where a task is in its life. */
export type TaskState = "scheduled" | "ready" | "leased" | "done" | "failed" | "cancelled" | "dead";

/** Nothing more happens to a task in one of these. */
export const FINAL_STATES: ReadonlySet<TaskState> = new Set([
  "done",
  "failed",
  "cancelled",
  "dead",
]);

/** A right to one attempt; a larger one outranks it. Compared by epoch first. */
export interface Token {
  /** Grows with each owner of the queue, and each start of one. */
  readonly epoch: number;
  /** Grows with each claim of the task. */
  readonly attempt: number;
}

/** How long to wait before the next attempt: exponential, with full jitter. */
export interface Backoff {
  readonly initialMs: number;
  readonly factor: number;
  readonly maxMs: number;
  /** Share of the delay that chance decides, 0 to 1. */
  readonly jitter: number;
}

/** How often tasks of one group may start. */
export interface GroupRate {
  readonly count: number;
  readonly perMs: number;
}

/** A task that comes back. */
export interface Recurrence {
  /** Cron expression of five or six fields. */
  readonly cron: string;
  /** IANA name; left out, UTC. */
  readonly timezone?: string;
  /** The first task of the series. */
  readonly series: string;
}

/** A commit of another owner's log that something follows from: its header's CID stands for all before it. */
export interface Citation {
  /** The peer that owns the queue. */
  readonly owner: string;
  readonly queue: string;
  readonly commit: string;
}

/** What a task asks for; it never changes. */
export interface TaskSpec {
  readonly id: string;
  readonly queue: string;
  readonly kind: string;
  /** The tool to call, for the kind `tool`. */
  readonly tool?: string;
  readonly input: unknown;
  readonly timeoutMs: number;
  readonly maxAttempts: number;
  readonly maxStalls: number;
  readonly backoff: Backoff;
  readonly idempotencyKey?: string;
  readonly groupKey?: string;
  /** Tasks of the group that may run at the same time. */
  readonly groupLimit?: number;
  readonly groupRate?: GroupRate;
  /** Whoever worked the last task of this session is asked first. */
  readonly session?: string;
  /** Abilities that its worker needs. */
  readonly requires: readonly string[];
  /** How long it is kept once it is over. */
  readonly resultTtlMs: number;
  readonly recurrence?: Recurrence;
  /** What was said before it was submitted. */
  readonly opening?: Opening;
  /** Who submitted it, and what that one may do: JSON that the queue does not look into. */
  readonly caller: { readonly id: string; readonly grant: unknown };
  readonly submittedAt: number;
  /** How often it was submitted again after it had failed. */
  readonly generation: number;
  readonly previousTaskId?: string;
  /** Its place in a workflow: JSON that the queue does not look into. */
  readonly flow?: unknown;
  /** Peers of which one is to have it in its queue; nobody works it here. */
  readonly peers?: readonly string[];
  /** What it follows from in the logs of others. */
  readonly cites?: readonly Citation[];
}

/** What a handler hears of its submitter beside the input. */
export interface Opening {
  /** What the submitter can be asked: MCP's client capabilities. */
  readonly client?: Readonly<Record<string, unknown>>;
  /** Answers to questions that were asked before there was a task. */
  readonly answers?: Readonly<Record<string, unknown>>;
  /** What the handler wanted back with them. */
  readonly state?: string;
}

/** What a handler asked whoever submitted its task, and what it was told (MCP's input requests). */
export interface Dialogue {
  /** How often it asked. */
  readonly round: number;
  /** Questions without an answer, by key; while there are any, the task waits. */
  readonly open: Readonly<Record<string, unknown>>;
  /** Answers to this round's questions, for the next attempt. */
  readonly answers: Readonly<Record<string, unknown>>;
  /** What the handler wants back with them. */
  readonly state?: string;
}

/** Why an attempt failed, as every surface tells it. */
export interface TaskError {
  readonly code: string;
  readonly message: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** How far a handler has come. */
export interface TaskProgress {
  readonly done: number;
  readonly total?: number;
  readonly message?: string;
}

/** The attempt that runs. */
export interface Lease {
  readonly worker: string;
  readonly token: Token;
  readonly claimedAt: number;
  /** Somebody asked to cancel it. */
  readonly cancel?: { readonly reason: string; readonly at: number };
  /** The server that times it, where several share the queue. */
  readonly keeper?: string;
}

/** A task as it is now. */
export interface Task {
  readonly spec: TaskSpec;
  readonly state: TaskState;
  /** Place in the queue's order of submission. */
  readonly seq: number;
  readonly priority: number;
  /** Not before. */
  readonly runAt: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly note?: string;
  readonly attempts: number;
  /** Attempts whose worker was lost. */
  readonly stalls: number;
  readonly lease?: Lease;
  /** The last token that was given out, and to whom. */
  readonly token: Token;
  readonly worker?: string;
  /** The peer that has it in its queue. */
  readonly peer?: string;
  readonly progress?: TaskProgress;
  readonly dialogue?: Dialogue;
  /** The last lines that handlers wrote, oldest first. */
  readonly log: readonly string[];
  readonly result?: unknown;
  /** CID of the result's dag-cbor; without `result` it is kept beside the task. */
  readonly resultCid?: string;
  readonly error?: TaskError;
  readonly startedAt?: number;
  readonly finishedAt?: number;
  readonly updatedAt: number;
  /** Virtual time at which it may start: fairness between groups (see `fairness.ts`). */
  readonly tag: number;
  /** Ready, and held back by the limit of its group. */
  readonly isHeld: boolean;
  /** Numbers of its events in the queue's log. */
  readonly events: readonly number[];
  /** Of those, the one that ended it: clocks are set back, and a late word may come after it. */
  readonly endedBy?: number;
  /** How far a workflow has come: JSON that the queue does not look into. */
  readonly flow?: unknown;
}

/** Lines that are kept of a handler's log. */
export const MAX_LOG_LINES = 200;

/** Whether a task's life is over. */
export function isFinal({ state }: Pick<Task, "state">): boolean {
  return FINAL_STATES.has(state);
}

/** Whether it waits for answers to what its handler asked; it is `scheduled` then. */
export function isWaiting({ dialogue, state }: Pick<Task, "dialogue" | "state">): boolean {
  return state === "scheduled" && dialogue !== undefined && Object.keys(dialogue.open).length > 0;
}

/** Order of tokens: negative where `a` is outranked by `b`. */
export function compareTokens(a: Token, b: Token): number {
  return a.epoch - b.epoch || a.attempt - b.attempt;
}
