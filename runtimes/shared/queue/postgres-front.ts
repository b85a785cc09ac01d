/** The front of a stored order, as far as it is known. @module */

import { compareTasks } from "../../../src/queue/order.ts";
import type { Task } from "../../../src/queue/task.ts";

/** More of a lane is not remembered. */
const MAX_FRONT = 1_024;

/** The first tasks of an order; all of them where it is complete. */
export class Front {
  #tasks: readonly Task[];
  #isComplete: boolean;

  constructor(tasks: readonly Task[], isComplete: boolean) {
    this.#tasks = tasks;
    this.#isComplete = isComplete;
  }

  /** The first so many; `undefined` where that is not known. */
  first(limit: number): readonly Task[] | undefined {
    const isKnown = this.#isComplete || this.#tasks.length >= limit;
    return isKnown ? this.#tasks.slice(0, limit) : undefined;
  }

  /** These are not in it, or not in the same place, any more. */
  leave(ids: ReadonlySet<string>): void {
    this.#tasks = this.#tasks.filter(({ spec }) => !ids.has(spec.id));
  }

  /** A task has come into the order; past what is known it stays unknown. */
  add(task: Task): void {
    const at = this.#tasks.findLastIndex((one) => compareTasks(one, task) < 0) + 1;
    if (at === this.#tasks.length && !this.#isComplete) return;
    const tasks = this.#tasks.toSpliced(at, 0, task);
    this.#tasks = tasks.slice(0, MAX_FRONT);
    this.#isComplete &&= tasks.length <= MAX_FRONT;
  }
}

/** Forget what came first, as far as there is too much. */
export function bound(known: Map<string, unknown>, max: number): void {
  for (const key of known.keys()) {
    if (known.size <= max) return;
    known.delete(key);
  }
}
