/** Categories whose tools are known and cannot run here. @module */

import { UnavailableError } from "../errors.ts";
import type { Category } from "./category.ts";

/** What such a category is called, and which tools it would have. */
export interface AbsentCategory {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly toolNames: readonly string[];
  /** Why it is not there and what to do, as a sentence without its full stop. */
  readonly reason: string;
}

/**
 * A category that is listed as unavailable; a call of one of its tools gets `runtime_unavailable`
 * with the reason instead of "unknown tool".
 */
export function createAbsentCategory(absent: AbsentCategory): Category {
  const { reason, ...facts } = absent;
  return {
    ...facts,
    source: "builtin",
    runtime: "mesh",
    availability: () => ({ available: false, reason }),
    load: () =>
      Promise.reject(
        new UnavailableError(
          "runtime_unavailable",
          `The tools of "${facts.name}" are not available: ${reason}`,
          {
            data: { category: facts.name },
          },
        ),
      ),
  };
}
