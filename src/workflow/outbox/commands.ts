/** What becomes of calls that are for the queues of peers. @module */

import type { GivenOutcome } from "../../queue/peer-queue.ts";
import { isFinal, type Task, type TaskError } from "../../queue/task.ts";
import type { Elsewhere } from "../../queue/task-event.ts";
import type { WorkingSet } from "../../queue/working-set.ts";
import { complete, fail } from "../tasks.ts";

/** Decide which peer is to have which call; answers with those that nobody had yet. */
export function place(
  set: WorkingSet,
  wanted: readonly { readonly id: string; readonly peer: string }[],
): readonly Task[] {
  return wanted.flatMap(({ id, peer }) => {
    const task = set.task(id);
    if (!task || isFinal(task) || task.peer !== undefined) return [];
    return [set.record(task, { type: "placed", peer })];
  });
}

/** Let others have calls that never got to this peer. */
export function displace(set: WorkingSet, ids: readonly string[], peer: string): void {
  for (const id of ids) {
    const task = set.task(id);
    if (task && !isFinal(task) && task.peer === peer) set.record(task, { type: "displaced", peer });
  }
}

/** A peer does not take the call. */
export function refuse(set: WorkingSet, id: string, error: TaskError): void {
  const task = set.task(id);
  if (task && !isFinal(task)) fail(set, task, error);
}

/** The call is over at its peer; said twice it counts once. */
export function settle(set: WorkingSet, id: string, outcome: GivenOutcome): void {
  const task = set.task(id);
  if (!task || isFinal(task)) return;
  const { state, result, error } = outcome;
  if (state === "done") complete(set, task, result, elsewhereOf(outcome));
  else
    fail(
      set,
      task,
      error ?? { code: "tool_failed", message: `The call is ${state}` },
      elsewhereOf(outcome),
    );
}

function elsewhereOf({ worker, startedAt, attempts, cites }: GivenOutcome): Elsewhere {
  return {
    ...{ attempts, cites },
    ...(worker !== undefined && { worker }),
    ...(startedAt !== undefined && { startedAt }),
  };
}
