/** What a call may hold in memory at once. @module */

import { ToolError } from "../../src/tool.ts";
import { type Row, weightOf } from "./row.ts";

/** Rows of a call that must be held together, by estimate. */
const MAX_HELD_BYTES = 256 * 1024 * 1024;

/** Counts what is held, and refuses more than fits. */
export interface Budget {
  hold(row: Row): void;
}

/** A budget for rows; `what` begins its error, `wayOut` ends it. */
export function createBudget(what: string, wayOut: string): Budget {
  let rows = 0;
  let bytes = 0;
  return {
    hold(row) {
      rows += 1;
      bytes += weightOf(row);
      if (bytes <= MAX_HELD_BYTES) return;
      throw new ToolError(
        "too_large",
        `${what} must be held in memory, and after ${rows} rows takes more than ${MAX_HELD_BYTES} bytes: ${wayOut}`,
        { data: { rows, maxBytes: MAX_HELD_BYTES } },
      );
    },
  };
}
