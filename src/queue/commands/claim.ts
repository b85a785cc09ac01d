/** Giving tasks to a worker. @module */

import { compareTasks, type LaneNeeds, needsOf } from "../order.ts";
import type { Pool } from "../pool.ts";
import type { Task } from "../task.ts";
import type { WorkingSet } from "../working-set.ts";

/** A worker that asks for tasks. */
export interface Claim {
  readonly worker: string;
  readonly max: number;
  /** Whether it can do what a lane needs. */
  readonly can: (needs: LaneNeeds) => boolean;
  /** Tasks that wait for another worker a little longer. */
  readonly skip: (task: Task) => boolean;
  /** The server that will time the lease, where several share the queue. */
  readonly keeper?: string;
}

/** Lease up to `max` tasks, best first. */
export function claim(set: WorkingSet, request: Claim): readonly Task[] {
  const { worker, max, can, skip, keeper } = request;
  const lanes = Object.keys(set.lanes).filter((lane) => can(needsOf(lane)));
  const pools = new Map(lanes.map((lane) => [lane, set.pool(lane)]));
  for (const pool of pools.values()) pool.expect(max);
  const claimed: Task[] = [];
  while (claimed.length < max) {
    const task = best(pools.values(), skip);
    if (!task) break;
    const token = { epoch: set.epoch, attempt: task.token.attempt + 1 };
    const kept = keeper !== undefined && { keeper };
    claimed.push(set.record(task, { type: "claimed", worker, token, ...kept }));
  }
  return claimed;
}

function best(pools: Iterable<Pool>, skip: (task: Task) => boolean): Task | undefined {
  let found: Task | undefined;
  for (const pool of pools) {
    const task = pool.first(skip);
    if (task && (!found || compareTasks(task, found) < 0)) found = task;
  }
  return found;
}

/** Lanes that a worker could be given tasks of. */
export function lanesFor(
  lanes: Readonly<Record<string, number>>,
  can: Claim["can"],
): readonly string[] {
  return Object.keys(lanes).filter((lane) => (lanes[lane] ?? 0) > 0 && can(needsOf(lane)));
}
