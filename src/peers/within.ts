/** Work with a time of its own. @module */

import type { Clock } from "../concurrency/clock.ts";
import { DeadlineError } from "../errors.ts";

/** How long the work may take, and what else ends it. */
export interface WithinOptions {
  readonly clock: Clock;
  readonly ms: number;
  readonly signal: AbortSignal;
  /** What did not happen in time, as the beginning of a sentence. */
  readonly what: string;
}

/**
 * Run `work`; when its time is over, or `signal` fires, its own signal fires and it is given up,
 * even where it does not listen.
 */
export async function within<T>(
  { clock, ms, signal, what }: WithinOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const ours = new AbortController();
  const given = Promise.withResolvers<never>();
  const giveUp = (reason: unknown): void => {
    ours.abort(reason);
    given.reject(reason);
  };
  const disarm = clock.after(ms, () =>
    giveUp(new DeadlineError("deadline_exceeded", `${what} within ${ms} ms`)),
  );
  const cancel = (): void => giveUp(signal.reason);
  signal.addEventListener("abort", cancel, { once: true });
  try {
    return await Promise.race([Promise.try(work, ours.signal), given.promise]);
  } finally {
    disarm();
    signal.removeEventListener("abort", cancel);
  }
}
