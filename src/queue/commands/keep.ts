/** Which of several servers times a lease. @module */

import type { KeptLease } from "../queue-store.ts";
import type { Task } from "../task.ts";
import type { WorkingSet } from "../working-set.ts";
import { holds } from "./settle.ts";

/** A worker says to `keeper` that it is there: who hears that times the lease. */
export function attest(
  set: WorkingSet,
  leases: readonly KeptLease[],
  keeper: string,
): readonly (Task | undefined)[] {
  return leases.map(({ id, token }) => {
    const task = set.task(id);
    if (!task || !holds(task, token)) return undefined;
    if (task.lease?.keeper === keeper) return task;
    return set.record(task, { type: "kept", token, keeper });
  });
}

/** The keeper of these is dead; those that another server has taken over meanwhile stay with it. */
export function adopt(set: WorkingSet, orphans: readonly KeptLease[], keeper: string): void {
  for (const { id, token, keeper: last } of orphans) {
    const task = set.task(id);
    if (!task || !holds(task, token) || task.lease?.keeper !== last) continue;
    set.record(task, { type: "kept", token, keeper });
  }
}
