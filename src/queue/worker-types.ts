/** What a worker needs, and how it ends. @module */

import type { Clock } from "../concurrency/clock.ts";
import type { LeasedTask, TaskSource, WorkerSkills } from "./task-source.ts";
import type { WorkerFacts } from "./worker-book.ts";

/** What a handler hears and says while it runs. */
export interface HandlerContext {
  /** Aborts on cancellation, deadline, or when the task is another's. */
  readonly signal: AbortSignal;
  progress(done: number, total?: number, message?: string): void;
  /** A line for those who look at the task; the last 200 that were told are kept. */
  log(line: string): void;
}

/** Does a task; what it throws is the failure of this attempt. */
export type Handler = (task: LeasedTask, context: HandlerContext) => Promise<unknown>;

/** What a worker needs. */
export interface WorkerNeeds {
  readonly facts: WorkerFacts & { readonly slots: number };
  readonly skills: () => WorkerSkills;
  readonly source: TaskSource;
  readonly run: Handler;
  readonly clock: Clock;
  /** The source could not be asked; it is asked again. */
  readonly trouble: (what: string, error: unknown) => void;
}

/** How a worker ended. */
export interface Drained {
  readonly finished: number;
  /** Given back unfinished. */
  readonly released: number;
}
