/** What a queue counts, counted once more from its rows. @module */

import { isClaimable, laneOf } from "../../../src/queue/order.ts";
import type { GroupState, QueueMeta } from "../../../src/queue/queue-store.ts";
import type { Task } from "../../../src/queue/task.ts";

/** Where counters, lanes or groups are not what the rows say. */
export function miscounts(
  rows: readonly Task[],
  meta: QueueMeta,
  groups: ReadonlyMap<string, GroupState | undefined>,
): readonly string[] {
  const faults: string[] = [];
  const compare = (what: string, kept: number, counted: number): void => {
    if (kept !== counted) faults.push(`${what}: ${kept} are kept, ${counted} are there`);
  };
  for (const [state, count] of Object.entries(meta.counters)) {
    compare(`the counter ${state}`, count, rows.filter((row) => row.state === state).length);
  }
  const claimable = rows.filter(isClaimable);
  const lanes = new Set([...Object.keys(meta.lanes), ...claimable.map(({ spec }) => laneOf(spec))]);
  for (const lane of lanes) {
    const counted = claimable.filter(({ spec }) => laneOf(spec) === lane).length;
    compare(`the lane ${lane}`, meta.lanes[lane] ?? 0, counted);
  }
  for (const [key, group] of groups) {
    const own = rows.filter(({ spec }) => spec.groupKey === key);
    const { leased = 0, held = 0, claimable = 0, limit = Infinity } = group ?? {};
    compare(`leased of the group ${key}`, leased, own.filter((row) => row.lease).length);
    compare(`held of the group ${key}`, held, own.filter((row) => row.isHeld).length);
    compare(`claimable of the group ${key}`, claimable, own.filter(isClaimable).length);
    if (leased > limit) faults.push(`the group ${key} runs ${leased} tasks; its limit is ${limit}`);
  }
  if (rows.some((row) => row.isHeld && row.state !== "ready"))
    faults.push("a held one is not ready");
  return faults;
}
