/** How long to wait before the next attempt. @module */

/** Exponential growth with a ceiling. */
export interface BackoffOptions {
  readonly initialMs: number;
  readonly maxMs: number;
  /** 0 to 1; spreads attempts so that many do not come at once. */
  readonly random: () => number;
}

/** The wait before attempt `attempt` (1 is the first retry): doubled each time, ± a quarter. */
export function backoffMs(attempt: number, { initialMs, maxMs, random }: BackoffOptions): number {
  const grown = Math.min(maxMs, initialMs * 2 ** Math.max(0, attempt - 1));
  return Math.round(grown * (0.75 + random() / 2));
}
