/** What can happen to a task; `next.ts` says what it makes of it. @module */

import type { Citation, Lease, Task, TaskError, TaskProgress, Token } from "./task.ts";

/** How a task went in the queue of a peer. */
export interface Elsewhere {
  readonly worker?: string;
  readonly startedAt?: number;
  readonly attempts: number;
  readonly cites: readonly Citation[];
}

/** Something that happened to a task. */
export type TaskEvent =
  | { readonly type: "submitted" }
  /** Its time has come. */
  | { readonly type: "released" }
  | ({ readonly type: "claimed" } & Pick<Lease, "worker" | "token" | "keeper">)
  /** Another server times the lease from now on. */
  | { readonly type: "kept"; readonly token: Token; readonly keeper: string }
  | { readonly type: "progressed"; readonly progress?: TaskProgress; readonly log?: string }
  | {
      readonly type: "completed";
      readonly token: Token;
      /** Left out where it is kept beside the task, by its CID. */
      readonly result?: unknown;
      readonly resultCid: string;
      /** The task whose result it is, where this one did not run. */
      readonly reused?: string;
      /** Where it was worked, and the commit of that peer's log in which it ended. */
      readonly elsewhere?: Elsewhere;
    }
  /** Another attempt may follow, at `retryAt`. */
  | {
      readonly type: "failed";
      readonly token: Token;
      readonly error: TaskError;
      readonly isRetryable: boolean;
      readonly retryAt: number;
      readonly elsewhere?: Elsewhere;
    }
  /** A peer is to have it in its queue; or, where it certainly never had it, no longer. */
  | { readonly type: "placed"; readonly peer: string }
  | { readonly type: "displaced"; readonly peer: string }
  /** Its worker said nothing for the length of a lease. */
  | { readonly type: "lost"; readonly token: Token; readonly retryAt: number }
  /** Its handler must know something first; by `until` somebody must have said it. */
  | {
      readonly type: "asked";
      readonly token: Token;
      readonly questions: Readonly<Record<string, unknown>>;
      readonly state?: string;
      readonly until: number;
    }
  /** Somebody said something of what its handler must know. */
  | { readonly type: "answered"; readonly answers: Readonly<Record<string, unknown>> }
  /** Its worker gave it back unfinished, for no fault of the task. */
  | { readonly type: "returned"; readonly token: Token }
  | { readonly type: "cancel-requested"; readonly reason: string }
  /** `code` says why it did not run, where nobody cancelled it. */
  | {
      readonly type: "cancelled";
      readonly reason: string;
      readonly code?: "skipped" | "handed_over";
    }
  /** It was in another owner's queue before, and had come to this. */
  | {
      readonly type: "adopted";
      readonly from: string;
      readonly epoch: number;
      /** CID of the last header of that owner's log, as far as it was told. */
      readonly commit?: string;
      readonly row: Partial<Task>;
    }
  /** A workflow went on. */
  | { readonly type: "advanced"; readonly flow: unknown }
  | {
      readonly type: "updated";
      readonly labels?: Readonly<Record<string, string>>;
      readonly note?: string;
      readonly priority?: number;
    }
  /** A worker spoke that holds the task no longer; nothing changes. */
  | { readonly type: "stale"; readonly token: Token; readonly what: string };
