/** How a queue is doing, from numbers that are kept and not counted. @module */

import type { QueueStatus } from "../registry/task-views.ts";
import { needsOf } from "./order.ts";
import type { Queue } from "./queue.ts";
import type { QueueStore } from "./queue-store.ts";

/** What a status is made of beside the queue itself. */
export interface StatusNeeds {
  readonly store: Pick<QueueStore, "transact" | "facts">;
  readonly now: number;
  readonly owner: string;
  readonly isDetailed: boolean;
}

/** The status of a queue; its cost grows with its lanes, and not with its tasks. */
export async function statusOf(
  queue: Queue,
  { store, now, owner, isDetailed }: StatusNeeds,
): Promise<QueueStatus> {
  const { meta, name } = queue;
  const { durability, sizeBytes, lastCommitMs } = await store.facts();
  return {
    ...{ queue: name, healthy: true, owner, epoch: meta.epoch, durability },
    ...{ counts: meta.counters, draining: queue.isDraining, workers: queue.workers().length },
    backlogAgeMs: await backlogAgeMs(store, name, { lanes: Object.keys(meta.lanes), now }),
    ...(isDetailed && {
      detail: {
        claimable: Object.entries(meta.lanes).map(([lane, count]) => claimableOf(lane, count)),
        ...(sizeBytes !== undefined && { storeBytes: sizeBytes }),
        ...(lastCommitMs !== undefined && { lastCommitMs }),
        ...{ events: meta.nextEvent - 1, commits: meta.commits },
        ...(meta.head !== undefined && { head: meta.head }),
      },
    }),
  };
}

/** How long the task has waited that is next in its lane, over all lanes. */
async function backlogAgeMs(
  store: StatusNeeds["store"],
  queue: string,
  { lanes, now }: { readonly lanes: readonly string[]; readonly now: number },
): Promise<number> {
  const heads = lanes.map((name) => ({ name, limit: 1 }));
  const tasks = await store.transact(
    queue,
    { ids: [], keys: [], groups: [], lanes: heads },
    (reader) => ({ answer: lanes.flatMap((lane) => reader.claimable(lane, 1)) }),
  );
  return Math.max(0, ...tasks.map(({ updatedAt }) => now - updatedAt));
}

function claimableOf(
  lane: string,
  count: number,
): NonNullable<QueueStatus["detail"]>["claimable"][number] {
  const { kind, tool, requires } = needsOf(lane);
  return { kind, ...(tool !== undefined && { tool }), requires, count };
}
