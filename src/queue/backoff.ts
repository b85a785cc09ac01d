/** When the next attempt of a task may begin. @module */

import type { Backoff } from "./task.ts";

/**
 * Exponential backoff whose last part is up to chance, so that tasks that failed together do not
 * come back together ("full jitter" where `jitter` is 1: Brooker, AWS Architecture Blog, 2015).
 *
 * `attempt` counts from 1.
 */
export function backoffMs(
  { initialMs, factor, maxMs, jitter }: Backoff,
  attempt: number,
  random: () => number,
): number {
  // After very many attempts the power is infinite, and nothing times infinity is no number.
  const growth = Math.min(factor ** (attempt - 1), Number.MAX_VALUE);
  const full = Math.min(maxMs, initialMs * growth);
  return Math.round(full * (1 - jitter * random()));
}
