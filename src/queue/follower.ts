/**
 * Who decides what follows from a task's end, within the transaction in which it ends.
 *
 * A queue knows nothing of workflows; this is where one is attached to it.
 *
 * @module
 */

import type { Task } from "./task.ts";
import type { WorkingSet } from "./working-set.ts";

/** One transaction's follower. */
export interface Follower {
  /** A task that has a place in a workflow, or is a run, is over. */
  settled(task: Task): void;
  /** The time has come of a task that no worker works. */
  due(task: Task): void;
  /** A task that knows of a workflow is forgotten; of a run, what it was made of goes with it. */
  removed(task: Task): void;
}

/** Makes one for each transaction. */
export type Follow = (set: WorkingSet) => Follower;
