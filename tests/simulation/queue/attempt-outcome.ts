/** What comes of an attempt where nobody cares: chance says. @module */

import { blockOf } from "../../../src/ipld/block.ts";
import type { Task } from "../../../src/queue/task.ts";
import type { Chance } from "./chance.ts";
import { type Settling, textOf } from "./messages.ts";

/** What a worker says of an attempt that it has worked to its end. */
export type OutcomeOf = (task: Task, chance: Chance) => Settling;

/** Done as a rule; else given back, or failed, for good or not. */
export const outcomeByChance: OutcomeOf = ({ spec: { id }, token }, chance) => {
  const share = chance.next();
  if (share < 0.72) {
    const value = `${id} by ${textOf(token)}`;
    return { op: "complete", id, token, result: { cid: blockOf(value).cid.toString(), value } };
  }
  if (share < 0.8) return { op: "give-back", id, token };
  const error = { code: "tool_failed", message: "it did not work" };
  const isRetryable = share < 0.96;
  const retryAfterMs = chance.between(0, 300);
  const wait = chance.happens(0.3) ? { retryAfterMs } : {};
  return { op: "fail", id, token, failure: { error, isRetryable, ...wait } };
};
