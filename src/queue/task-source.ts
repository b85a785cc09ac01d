/**
 * Where a worker gets tasks and tells what became of them: a queue in this process, or one at a peer.
 *
 * Everything here is JSON, and everything may be said twice: a task and its token say what is meant.
 *
 * @module
 */

import type { LaneNeeds } from "./order.ts";
import type { TaskError, TaskProgress, Token } from "./task.ts";
import type { WorkerFacts } from "./worker-book.ts";

/** What a worker can do. */
export interface WorkerSkills {
  /** Kinds that it has handlers for. */
  readonly kinds: readonly string[];
  /** Tools that it can call for the kind `tool`; `*` is any. */
  readonly tools: "*" | readonly string[];
  readonly abilities: readonly string[];
}

/** A worker that asks for tasks. */
export interface ClaimMessage extends WorkerFacts, WorkerSkills {
  readonly max: number;
  readonly waitMs: number;
}

/** A task in the hands of a worker. */
export interface LeasedTask {
  readonly id: string;
  readonly token: Token;
  readonly kind: string;
  readonly tool?: string;
  readonly input: unknown;
  readonly timeoutMs: number;
  readonly attempts: number;
  /** The same for every attempt: what is done under it is done once. */
  readonly idempotencyKey: string;
  /** What its submitter was asked and said, as the tool's call takes it. */
  readonly client?: Readonly<Record<string, unknown>>;
  readonly inputResponses?: Readonly<Record<string, unknown>>;
  readonly requestState?: string;
  /** Whose queue it is of, where a worker works several. */
  readonly owner?: string;
  /** On whose behalf: JSON of the submitter's caller. */
  readonly caller: { readonly id: string; readonly grant: unknown };
}

/** What a claim brought. */
export interface ClaimAnswer {
  readonly tasks: readonly LeasedTask[];
  /** How long each is the worker's, unless it says that it is there. */
  readonly leaseMs: number;
}

/** A task that a worker holds. */
export interface HeldTask {
  readonly id: string;
  readonly token: Token;
}

/** What the owner answers to a heartbeat. */
export interface BeatAnswer {
  readonly lost: readonly string[];
  readonly cancelRequested: readonly string[];
  readonly drain: boolean;
  /** Tasks whose owner could not be told, where there are several. */
  readonly unheard?: readonly string[];
}

/** How an attempt failed. */
export interface FailureMessage extends HeldTask {
  readonly error: TaskError;
  readonly isRetryable: boolean;
  readonly retryAfterMs?: number;
}

/** A queue as its workers see it. */
export interface TaskSource {
  /** How many tasks there are for such a worker; waits up to `waitMs` for the first. Leases none. */
  depth(skills: WorkerSkills, waitMs: number, signal: AbortSignal): Promise<number>;
  claim(message: ClaimMessage, signal: AbortSignal): Promise<ClaimAnswer>;
  heartbeat(worker: WorkerFacts, held: readonly HeldTask[]): Promise<BeatAnswer>;
  /** A tool's `input_required` is no result: the task waits for answers, and comes back with them. */
  complete(held: HeldTask, result: unknown): Promise<void>;
  fail(failure: FailureMessage): Promise<void>;
  giveBack(held: HeldTask): Promise<void>;
  /** Tell at once which tasks are to be cancelled, where that is known here; a heartbeat tells it later. */
  onCancel?(listener: (id: string) => void): () => void;
  progress(
    held: HeldTask,
    said: { readonly progress?: TaskProgress; readonly log?: string },
  ): Promise<void>;
}

/** Whether skills are enough for what a lane needs. */
export function isAble(
  { kinds, tools, abilities }: WorkerSkills,
  { kind, tool, requires }: LaneNeeds,
): boolean {
  if (!kinds.includes(kind)) return false;
  if (tool !== undefined && tools !== "*" && !tools.includes(tool)) return false;
  return requires.every((ability) => abilities.includes(ability));
}
