/** A clock that moves only when a test says so. @module */

import { type Clock, sleepWith } from "../../src/concurrency/clock.ts";

/** A {@link Clock} in the hands of a test. */
export interface FakeClock extends Clock {
  /** Move time forward; what is due runs in order, each at its own moment. */
  advance(ms: number): Promise<void>;
  /** How many timers are armed. */
  readonly pending: number;
}

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

/** Resolves when what has been started is over, as far as nobody has to wait for anything. */
const nextTurn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

/**
 * A clock that starts at `start` (2026-01-01 unless told) and stands still; `settle` waits for what
 * is under way outside of this process.
 */
export function createFakeClock(
  start: number = Date.UTC(2026, 0, 1),
  settle: () => Promise<void> = nextTurn,
): FakeClock {
  let now = start;
  const timers = new Set<Timer>();
  const after = (ms: number, run: () => void): (() => void) => {
    const timer: Timer = { at: now + ms, run };
    timers.add(timer);
    return () => void timers.delete(timer);
  };
  return {
    now: () => now,
    monotonic: () => now - start,
    after,
    sleep: (ms, signal) => sleepWith(after, ms, signal),
    get pending() {
      return timers.size;
    },
    async advance(ms) {
      const end = now + ms;
      for (;;) {
        // What ran may have armed a timer that is due before `end`.
        await settle();
        const [next] = [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
        if (!next) break;
        now = Math.max(now, next.at);
        timers.delete(next);
        next.run();
      }
      now = end;
    },
  };
}
