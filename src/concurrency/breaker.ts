/**
 * A circuit breaker: after several failures in a row, stop asking for a while.
 *
 * @module
 */

import type { Clock } from "./clock.ts";

/** `half-open` lets one attempt through to see whether things are well again. */
export type BreakerState = "closed" | "open" | "half-open";

/** When a breaker opens and how long it stays so. */
export interface BreakerOptions {
  /** Failures in a row that open it. */
  readonly failures: number;
  readonly openMs: number;
  readonly clock: Pick<Clock, "now">;
}

/** Guards something that may be broken. */
export interface Breaker {
  readonly state: BreakerState;
  /** How long until an attempt is let through again; 0 unless open. */
  readonly retryAfterMs: number;
  /** Whether an attempt may be made now; when half-open, only the first asker may. */
  allow(): boolean;
  success(): void;
  failure(): void;
}

/** A closed breaker. */
export function createBreaker({ failures, openMs, clock }: BreakerOptions): Breaker {
  let failed = 0;
  let openUntil: number | undefined;
  let isTrying = false;
  const isOpen = (): boolean => openUntil !== undefined && clock.now() < openUntil;
  return {
    get state() {
      if (openUntil === undefined) return "closed";
      return isOpen() ? "open" : "half-open";
    },
    get retryAfterMs() {
      return openUntil === undefined ? 0 : Math.max(0, openUntil - clock.now());
    },
    allow() {
      if (openUntil === undefined) return true;
      if (isOpen() || isTrying) return false;
      isTrying = true;
      return true;
    },
    success() {
      failed = 0;
      openUntil = undefined;
      isTrying = false;
    },
    failure() {
      failed += 1;
      if (isTrying || failed >= failures) openUntil = clock.now() + openMs;
      isTrying = false;
    },
  };
}
