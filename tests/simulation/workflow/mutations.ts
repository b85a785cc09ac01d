/** What can be taken from workflows to see that the simulation misses it. @module */

import type { Queue } from "../../../src/queue/queue.ts";
import type { Changes } from "../../../src/queue/queue-store.ts";
import { isFinal, type Task } from "../../../src/queue/task.ts";
import type { WorkingSet } from "../../../src/queue/working-set.ts";
import { Flow } from "../../../src/workflow/engine.ts";
import type { AttachedFlows } from "../../../src/workflow/flows.ts";
import { RUN_KIND } from "../../../src/workflow/run-state.ts";

/** Guards of the workflows themselves. */
export type FlowMutation =
  | "none"
  /** What follows of a task's end is a transaction of its own, right after that of the end. */
  | "second-transaction"
  /** What a run counts is in memory; on the disk it stays as it began, until the run is over. */
  | "counts-in-memory"
  /** Definitions are in memory, and nobody reads them again. */
  | "plans-in-memory";

/** One guard that is gone. */
export type WorkflowMutation =
  | FlowMutation
  /** Answers are given before the disk has synced. */
  | "no-fsync";

/** All but none. */
export const FLOW_MUTATIONS: readonly Exclude<FlowMutation, "none">[] = [
  "second-transaction",
  "counts-in-memory",
  "plans-in-memory",
];

/** All but none. */
export const WORKFLOW_MUTATIONS: readonly Exclude<WorkflowMutation, "none">[] = [
  ...FLOW_MUTATIONS,
  "no-fsync",
];

/** Flows, and what they want to know of the queue that they are given to. */
export interface MutableFlows extends AttachedFlows {
  opened?(queue: Queue): void;
}

/** The flows with this guard taken away. */
export function mutated(flows: AttachedFlows, mutation: WorkflowMutation): MutableFlows {
  if (mutation === "plans-in-memory") return { ...flows, prepare: async () => false };
  return mutation === "second-transaction" ? withSecondTransaction(flows) : flows;
}

/** Remembers ends; what follows of them it does when it is told to. */
class LateFlow extends Flow {
  readonly #owed: Set<string>;

  constructor(set: WorkingSet, { plans }: AttachedFlows, owed: Set<string>) {
    super(set, plans);
    this.#owed = owed;
  }

  override settled({ spec }: Task): void {
    this.#owed.add(spec.id);
  }

  followNow(task: Task): void {
    super.settled(task);
  }
}

function withSecondTransaction(flows: AttachedFlows): MutableFlows {
  const owed = new Set<string>();
  const follow = async (queue: Queue, id: string): Promise<void> => {
    try {
      await queue.run((set) => {
        const task = set.task(id);
        if (task && set.follower instanceof LateFlow) set.follower.followNow(task);
      });
    } catch {
      // The disk refused; only a crash makes it forget.
      await follow(queue, id);
    }
  };
  return {
    ...flows,
    follow: (set) => new LateFlow(set, flows, owed),
    opened: (queue) =>
      void queue.onChange((task) => {
        if (isFinal(task) && owed.delete(task.spec.id)) void follow(queue, task.spec.id);
      }),
  };
}

/** What is written of each commit where runs count in memory. */
export function withoutCounts(): (changes: Changes) => Changes {
  const first = new Map<string, unknown>();
  const asItBegan = (task: Task): Task => {
    const { kind, id } = task.spec;
    if (kind !== RUN_KIND || isFinal(task)) return task;
    if (!first.has(id)) first.set(id, task.flow);
    return { ...task, flow: first.get(id) };
  };
  return (changes) => ({ ...changes, tasks: changes.tasks.map(asItBegan) });
}
