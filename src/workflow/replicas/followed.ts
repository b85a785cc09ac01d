/** A run of which others hear, as its coordinator keeps account of it. @module */

import { ConflictError, UnavailableError } from "../../errors.ts";

/** A run that others have, too. */
export interface Followed {
  readonly members: readonly string[];
  others: readonly string[];
  readonly waiting: Set<Waiting>;
  standing: Standing;
}

/**
 * Whether a run is coordinated here: `unknown` while this server does not know who it is; `ours`; `contested` where somebody else may have it; `leaving` where
 * what it is now is handed over; `gone` where others went on without it. Only what is ours begins.
 */
export type Standing = "unknown" | "ours" | "contested" | "leaving" | "gone";

/** A command whose answer is held until a majority has this version. */
export interface Waiting {
  readonly version: number;
  resolve(): void;
  reject(error: unknown): void;
}

/** What whoever still asks this server hears. */
export function supersededError(run: string): ConflictError {
  return new ConflictError(
    "version_conflict",
    `Workflow ${run} is coordinated by another server by now: ask again, and that one answers`,
    { data: { workflowId: run } },
  );
}

/** What is done may be kept here and nowhere else: nobody can say whether it counts. */
export function stopping(): UnavailableError {
  return new UnavailableError("runtime_unavailable", "This server is stopping: ask again");
}
