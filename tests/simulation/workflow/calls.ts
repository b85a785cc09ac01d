/** Workers call the tools of random workflows: what comes of it follows from the input. @module */

import { resultOf } from "../../../src/queue/local-source.ts";
import { tools } from "../../support/random-workflows.ts";
import type { OutcomeOf } from "../queue/attempt-outcome.ts";

/** How often a worker gives back what it could have done. */
const GIVEN_BACK = 0.03;

/** The call's outcome; an attempt that is given back does not count, and so changes nothing. */
export const outcomeOfCall: OutcomeOf = (task, chance) => {
  const { spec, token } = task;
  const { id, tool = "", input } = spec;
  if (chance.happens(GIVEN_BACK)) return { op: "give-back", id, token };
  try {
    const structuredContent = tools[tool]?.(input as never, task);
    return { op: "complete", id, token, result: resultOf({ content: [], structuredContent }) };
  } catch (error) {
    const { message } = error as Error;
    const isRetryable = !message.startsWith("no");
    return {
      op: "fail",
      id,
      token,
      failure: { error: { code: "tool_failed", message }, isRetryable },
    };
  }
};
