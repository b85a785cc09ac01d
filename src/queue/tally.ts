/** How many tasks there are of which kind, kept while one transaction changes them. @module */

import { isClaimable, laneOf } from "./order.ts";
import type { Counters, QueueMeta } from "./queue-store.ts";
import type { Task, TaskState } from "./task.ts";

/** The draft of a queue's counters. */
export class Tally {
  readonly #counters: Record<TaskState, number>;
  readonly #before: QueueMeta["lanes"];
  /** A copy once it differs: there may be many lanes. */
  #lanes: Record<string, number> | undefined;

  constructor({ counters, lanes }: Pick<QueueMeta, "counters" | "lanes">) {
    this.#counters = { ...counters };
    this.#before = lanes;
  }

  get counters(): Counters {
    return this.#counters;
  }

  /** Claimable tasks by lane, without empty ones. */
  get lanes(): QueueMeta["lanes"] {
    return this.#lanes ?? this.#before;
  }

  /** Tasks that are not over. */
  get backlog(): number {
    const { scheduled, ready, leased } = this.#counters;
    return scheduled + ready + leased;
  }

  added({ state }: Task): void {
    this.#counters[state] += 1;
  }

  removed({ state }: Task): void {
    this.#counters[state] -= 1;
  }

  changed(before: Task, after: Task): void {
    this.#counters[before.state] -= 1;
    this.#counters[after.state] += 1;
    const is = isClaimable(after);
    if (is !== isClaimable(before)) this.#countLane(laneOf(after.spec), is ? 1 : -1);
  }

  #countLane(lane: string, by: number): void {
    this.#lanes ??= { ...this.#before };
    const count = (this.#lanes[lane] ?? 0) + by;
    if (count > 0) this.#lanes[lane] = count;
    else delete this.#lanes[lane];
  }
}
