/** Workflows attached to a queue. @module */

import type { Flows } from "../queue/committer.ts";
import type { QueueStore } from "../queue/queue-store.ts";
import type { WorkingSet } from "../queue/working-set.ts";
import { Flow } from "./engine.ts";
import { Plans } from "./plans.ts";

/** What a queue needs, and the plans that it goes by. */
export interface AttachedFlows extends Flows {
  readonly plans: Plans;
  /** What the plans know, read from the store where need be. */
  fetch<T>(look: (plans: Plans) => T): Promise<T>;
}

/** Workflows of the queues in a store. */
export function createFlows(store: Pick<QueueStore, "blob">): AttachedFlows {
  const plans = new Plans((cid) => store.blob(cid));
  return {
    plans,
    async fetch(look) {
      for (;;) {
        try {
          return look(plans);
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
