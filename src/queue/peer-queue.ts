/**
 * The queue of a peer as a place for tasks: what is given to it, and how it went.
 *
 * Everything here is JSON, and everything may be said twice: a key says which task is meant.
 *
 * @module
 */

import type { LogPage } from "./log-page.ts";
import type { Backoff, Citation, TaskError } from "./task.ts";
import type { Elsewhere } from "./task-event.ts";

/** A task for a peer's queue. */
export interface GivenTask {
  /** Given twice, it is one task. */
  readonly key: string;
  readonly tool: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly priority: number;
  readonly timeoutMs: number;
  readonly maxAttempts: number;
  readonly backoff: Backoff;
  readonly requires: readonly string[];
  /** Where the giver decided it. */
  readonly cites: readonly Citation[];
}

/** What became of giving it: the peer has it durably, or does not take it. */
export type Receipt =
  | { readonly key: string; readonly taskId: string }
  | { readonly key: string; readonly error: TaskError; readonly isRetryable: boolean };

/** How a task ended in a peer's queue. */
export interface GivenOutcome extends Elsewhere {
  readonly taskId: string;
  /** `lost`: the peer does not know it any more. */
  readonly state: "done" | "failed" | "cancelled" | "dead" | "lost";
  readonly result?: unknown;
  readonly error?: TaskError;
}

/** A queue of a peer. */
export interface PeerQueue {
  /** Connect; while this fails, nothing that is given gets there. */
  reach(signal: AbortSignal): Promise<void>;
  give(tasks: readonly GivenTask[], signal: AbortSignal): Promise<readonly Receipt[]>;
  /** Those that are over; waits up to `waitMs` for the first. */
  outcomes(
    taskIds: readonly string[],
    waitMs: number,
    signal: AbortSignal,
  ): Promise<readonly GivenOutcome[]>;
  /** Cancel tasks; one that is over stays as it is. */
  withdraw(taskIds: readonly string[], reason: string, signal: AbortSignal): Promise<void>;
  /** The part of its log that proves what happened to tasks that it was given, by their keys. */
  log(keys: readonly string[], from: number, signal: AbortSignal): Promise<GivenLog>;
}

/** A page of what a peer's log says of tasks that it was given. */
export interface GivenLog extends LogPage {
  /** Keys of which it knows no task of the asker's, or none any more. */
  readonly unknown: readonly string[];
}

/** The key under which an owner gives a task of its own to a peer. */
export function givenKey(owner: string, queue: string, taskId: string): string {
  return `${owner}/${queue}/${taskId}`;
}

/** Tasks of one request. */
export const MAX_GIVEN = 64;
/** Tasks that are asked for at once. */
export const MAX_ASKED = 256;
/** Tasks whose part of the log is asked for at once: its pages are one chain. */
export const MAX_PROVEN = 10_000;
