/** A bounded number of permits, first come first served. @module */

import { UnavailableError } from "../errors.ts";

/** How many may hold a permit, and how many may wait for one. */
export interface SemaphoreOptions {
  readonly permits: number;
  readonly maxWaiting: number;
  /** What the permits are for, as the error names it. */
  readonly name: string;
}

interface Waiter {
  readonly grant: () => void;
}

/** Permits for work that must not all run at once. */
export interface Semaphore {
  /** Take a permit now, or say that none is free. Release with {@link Semaphore.release}. */
  tryAcquire(): boolean;
  /** Wait for a permit; throws `queue_full` when too many wait already. */
  acquire(signal: AbortSignal): Promise<void>;
  release(): void;
  readonly inUse: number;
}

/** A semaphore with all permits free. */
export function createSemaphore({ permits, maxWaiting, name }: SemaphoreOptions): Semaphore {
  let inUse = 0;
  const waiting = new Set<Waiter>();
  const tryAcquire = (): boolean => {
    if (inUse >= permits) return false;
    inUse += 1;
    return true;
  };
  return {
    tryAcquire,
    acquire(signal) {
      if (signal.aborted) return Promise.reject(signal.reason);
      if (tryAcquire()) return Promise.resolve();
      if (waiting.size >= maxWaiting) {
        return Promise.reject(
          new UnavailableError(
            "queue_full",
            `${name}: ${permits} calls run and ${maxWaiting} wait already; try again later`,
            { data: { retryAfterMs: 1000 } },
          ),
        );
      }
      return new Promise((resolve, reject) => {
        const abandon = (): void => {
          waiting.delete(waiter);
          reject(signal.reason);
        };
        const waiter: Waiter = {
          grant() {
            signal.removeEventListener("abort", abandon);
            resolve();
          },
        };
        signal.addEventListener("abort", abandon, { once: true });
        waiting.add(waiter);
      });
    },
    release() {
      const [next] = waiting;
      if (!next) {
        inUse -= 1;
        return;
      }
      // The permit passes on without becoming free, so nobody can overtake the first in line.
      waiting.delete(next);
      next.grant();
    },
    get inUse() {
      return inUse;
    },
  };
}
