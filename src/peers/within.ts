/** Work with a time of its own. @module */

import type { Clock } from "../concurrency/clock.ts";
import { withDeadline } from "../concurrency/deadline.ts";
import { DeadlineError } from "../errors.ts";

/** How long the work may take, and what else ends it. */
export interface WithinOptions {
  readonly clock: Clock;
  readonly ms: number;
  readonly signal: AbortSignal;
  /** What did not happen in time, as the beginning of a sentence. */
  readonly what: string;
}

/** Run `work`; after `ms` its signal fires and it is given up, even where it does not listen. */
export function within<T>(
  { clock, ms, signal, what }: WithinOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ours = new AbortController();
  const expired = (): DeadlineError => {
    const error = new DeadlineError("deadline_exceeded", `${what} within ${ms} ms`);
    ours.abort(error);
    return error;
  };
  const started = Promise.try(work, AbortSignal.any([signal, ours.signal]));
  return withDeadline(started, { clock, ms, expired });
}
