/** Progress of a call that reads its source once or more. @module */

import type { ToolContext } from "../../src/tool.ts";

/** Counts what was read against what is known to come. */
export interface Meter {
  /** More is to be read. */
  expect(amount: number): void;
  advance(amount: number): void;
}

/** Reports at most this often per call and amount, since each report is a message. */
const REPORTS = 100;

/** A meter that reports to the caller; what is done only ever grows, also over several passes. */
export function createMeter({ progress }: Pick<ToolContext, "progress">): Meter {
  let total = 0;
  let done = 0;
  let reported = 0;
  return {
    expect(amount) {
      total += amount;
    },
    advance(amount) {
      done += amount;
      if (done - reported < total / REPORTS && done < total) return;
      reported = done;
      progress(done, total);
    },
  };
}
