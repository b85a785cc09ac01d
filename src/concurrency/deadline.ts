/** Work that must settle by a moment, or be given up. @module */

import type { Clock } from "./clock.ts";

/** What happens to the work when its time is over. */
export interface DeadlineOptions {
  readonly clock: Clock;
  readonly ms: number;
  /** Makes the error that rejects the promise; also the place to tell the work to stop. */
  readonly expired: () => Error;
}

/**
 * `work`, or a rejection after `ms`. The work itself is not stopped: that is `expired`'s to ask,
 * and the work's to heed.
 */
export function withDeadline<T>(work: Promise<T>, options: DeadlineOptions): Promise<T> {
  return new Promise((resolve, reject) => {
    const disarm = options.clock.after(options.ms, () => reject(options.expired()));
    work.then(
      (value) => {
        disarm();
        resolve(value);
      },
      (error: unknown) => {
        disarm();
        reject(error);
      },
    );
  });
}
