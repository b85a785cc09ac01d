/**
 * Fairness between groups of tasks, and the limits of one.
 *
 * Fairness is start-time fair queueing (Goyal, Vin, Cheng, SIGCOMM 1996): a task's tag is the virtual
 * time at which its group's last task will have had its turn, or now, whichever is later. A group
 * that submits a thousand tasks moves its own tags ahead and nobody else's.
 *
 * The rate is the generic cell rate algorithm (ITU-T I.371), counted when a task is claimed.
 *
 * @module
 */

import type { GroupState } from "./queue-store.ts";
import type { TaskSpec } from "./task.ts";

/** A group without tasks. */
export function emptyGroup(key: string): GroupState {
  return { key, finish: 0, claimable: 0, leased: 0, held: 0, arrival: 0 };
}

/** The group with the limits that its newest task names; left out, they stay. */
export function withLimits(
  group: GroupState,
  { groupLimit, groupRate }: Pick<TaskSpec, "groupLimit" | "groupRate">,
): GroupState {
  return {
    ...group,
    ...(groupLimit !== undefined && { limit: groupLimit }),
    ...(groupRate && { rate: groupRate }),
  };
}

/** Whether another of its tasks may become claimable. */
export function admits(group: GroupState, now: number): boolean {
  const { claimable, leased, limit, rate } = group;
  if (limit !== undefined && claimable + leased >= limit) return false;
  // One at a time where starts are counted: its start decides when the next may follow.
  return !rate || (claimable === 0 && nextStart(group) <= now);
}

/** When the rate lets the next task start; 0 where there is none. */
export function nextStart({ rate, arrival }: GroupState): number {
  if (!rate) return 0;
  const spacing = rate.perMs / rate.count;
  return arrival - (rate.perMs - spacing);
}

/** When held tasks become claimable by the passing of time alone. */
export function dueAt(group: GroupState): number | undefined {
  const { held, claimable, leased, limit, rate } = group;
  if (held === 0 || !rate || claimable > 0) return undefined;
  if (limit !== undefined && leased >= limit) return undefined;
  return nextStart(group);
}

/** The group after one of its claimable tasks was leased. */
export function started(group: GroupState, now: number): GroupState {
  const { claimable, leased, rate, arrival } = group;
  const moved = { ...group, claimable: claimable - 1, leased: leased + 1 };
  if (!rate) return moved;
  return { ...moved, arrival: Math.max(arrival, now) + rate.perMs / rate.count };
}

/** Whether nothing needs to be remembered of it. */
export function isForgettable({ claimable, leased, held, rate, arrival }: GroupState): boolean {
  return claimable + leased + held === 0 && (!rate || arrival === 0);
}
