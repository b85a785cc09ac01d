/** Workflows attached to a queue. @module */

import type { Flows } from "../queue/committer.ts";
import type { QueueStore } from "../queue/queue-store.ts";
import type { Task } from "../queue/task.ts";
import type { WorkingSet } from "../queue/working-set.ts";
import { Flow } from "./engine.ts";
import { rootOf } from "./parts.ts";
import { Plans } from "./plans.ts";

/** What of a queue's runs others have, too; see {@link Replicator}. */
export interface SharedRuns {
  hold(runs: Iterable<string>, version: number): Promise<void> | undefined;
  mayStart(task: Task): boolean;
}

/** What a queue needs, and the plans that it goes by. */
export interface AttachedFlows extends Flows {
  readonly plans: Plans;
  /** From now on others have runs of this queue, too. */
  share(queue: string, runs: SharedRuns): void;
  /** What the plans know, read from the store where need be. */
  fetch<T>(look: (plans: Plans) => T | Promise<T>): Promise<T>;
}

/** Workflows of the queues in a store. */
export function createFlows(store: Pick<QueueStore, "blob">): AttachedFlows {
  const plans = new Plans((cid) => store.blob(cid));
  const shared = new Map<string, SharedRuns>();
  return {
    plans,
    share: (queue, runs) => void shared.set(queue, runs),
    hold: (queue, tasks, version) =>
      shared.get(queue)?.hold(new Set([...tasks].map(rootOf)), version),
    mayStart: (task) => shared.get(task.spec.queue)?.mayStart(task) ?? true,
    async fetch(look) {
      for (;;) {
        try {
          return await look(plans);
        } catch (error) {
          if (!(await plans.prepare(error))) throw error;
        }
      }
    },
    follow: (set) => new Flow(set, plans),
    prepare: (error) => plans.prepare(error),
  };
}

/** The workflows of a transaction of a queue that has them. */
export function flowOf(set: WorkingSet): Flow {
  if (set.follower instanceof Flow) return set.follower;
  throw new TypeError("This queue was opened without workflows");
}
