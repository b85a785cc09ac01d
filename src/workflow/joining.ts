/** Whether a node may run, by what became of those before it. @module */

import type { JoinRule } from "./definition.ts";
import type { Joining, NodeOutcome } from "./run-state.ts";

/** What is to be done with a node. */
export type Verdict = "run" | "skip" | "wait";

/** What is decided by the rule, for a node that no branch has passed over. */
export function verdictOf(rule: JoinRule, { left, done, failed, skipped }: Joining): Verdict {
  if (rule === "one_success") {
    if (done > 0) return "run";
    return left > 0 ? "wait" : "skip";
  }
  if (left > 0) return "wait";
  switch (rule) {
    case "all_success":
      return failed + skipped > 0 ? "skip" : "run";
    case "none_failed":
      return failed > 0 ? "skip" : "run";
    default:
      return "run";
  }
}

/** One more of the nodes before has ended; a way that was not taken counts for nothing. */
export function joined(joining: Joining, outcome: NodeOutcome | undefined): void {
  joining.left -= 1;
  if (outcome === undefined) return;
  joining[outcome === "cancelled" ? "failed" : outcome] += 1;
}

/** Whether a rule takes care of failures before it, so that the run has not failed by them. */
export function takesCare(rule: JoinRule): boolean {
  return rule === "all_done" || rule === "one_success";
}
