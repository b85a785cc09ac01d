/** What time does to tasks. @module */

import { backoffMs } from "../backoff.ts";
import type { KeptLease } from "../queue-store.ts";
import { nextTick, occurrenceId } from "../recurrence.ts";
import { isFinal, isWaiting, type Task } from "../task.ts";
import type { WorkingSet } from "../working-set.ts";
import { giveUpWaiting } from "./dialogue.ts";
import { holds } from "./settle.ts";

/** Tasks that one transaction releases; the rest follow in the next. */
export const SWEEP_LIMIT = 256;

/** Kinds of tasks of a workflow that no worker works. */
const DECIDED_HERE = "workflow";

/**
 * Scheduled tasks whose time has come are ready; a recurring one is followed by the next. Those that
 * wait for answers have waited long enough.
 */
export function release(set: WorkingSet): readonly Task[] {
  const released = set.due(SWEEP_LIMIT).map((task) => {
    if (isWaiting(task)) return giveUpWaiting(set, task);
    if (task.spec.flow !== undefined && task.spec.kind.startsWith(DECIDED_HERE)) {
      set.follower?.due(task);
      return set.task(task.spec.id) ?? task;
    }
    follow(set, task);
    return set.record(task, { type: "released" });
  });
  for (const { key } of set.dueGroups(SWEEP_LIMIT)) set.promote(key);
  return released;
}

/** Moments that passed while nobody was there are left out: one task says so as well as ten. */
function follow(set: WorkingSet, { spec, priority, labels }: Task): void {
  const { recurrence } = spec;
  if (!recurrence) return;
  const tick = nextTick(recurrence, set.now);
  if (tick === undefined) return;
  const id = occurrenceId(recurrence.series, tick);
  if (set.task(id)) return;
  const { idempotencyKey: _, ...rest } = spec;
  set.add({ spec: { ...rest, id, submittedAt: set.now }, priority, labels, runAt: tick });
}

/** A worker was not heard of for the length of a lease; only its keeper can say so. */
export function expire(
  set: WorkingSet,
  { id, token }: KeptLease,
  { random, keeper }: { readonly random: () => number; readonly keeper: string | undefined },
): Task | undefined {
  const task = set.task(id);
  if (!task || !holds(task, token) || task.lease?.keeper !== keeper) return undefined;
  if (task.lease?.cancel) {
    return set.record(task, { type: "cancelled", reason: task.lease.cancel.reason });
  }
  // The first loss is most often a worker's own restart; only later ones suspect the task.
  const waitMs = task.stalls === 0 ? 0 : backoffMs(task.spec.backoff, task.stalls, random);
  return set.record(task, { type: "lost", token, retryAt: set.now + waitMs });
}

/** Forget tasks that are over and were kept long enough. */
export function prune(set: WorkingSet, ids: readonly string[]): number {
  let removed = 0;
  for (const id of ids) {
    const task = set.task(id);
    if (!task || !isFinal(task)) continue;
    if ((task.finishedAt ?? 0) + task.spec.resultTtlMs > set.now) continue;
    set.remove(task);
    removed += 1;
  }
  return removed;
}
