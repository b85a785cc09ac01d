/** Tasks in an order, partly stored and partly changed by the transaction that reads them. @module */

import { compareTasks } from "./order.ts";
import type { Task } from "./task.ts";

/** What a pool is filled from. */
export interface PoolSource {
  /** The first tasks of the stored order. */
  stored(limit: number): readonly Task[];
  /** The task as this transaction left it, where it touched it. */
  changed(id: string): Task | undefined;
  /** Whether a task belongs here. */
  belongs(task: Task): boolean;
}

const FIRST_READ = 8;

/** The front of an order, read as far as it is taken from. */
export class Pool {
  readonly #source: PoolSource;
  #stored: readonly Task[] = [];
  #at = 0;
  #isComplete = false;
  /** Those that came here in this transaction, in order. */
  readonly #fresh: Task[] = [];

  constructor(source: PoolSource) {
    this.#source = source;
  }

  /** Read so many at once, if that many will be taken. */
  expect(count: number): void {
    if (!this.#isComplete && count > this.#stored.length) this.#read(count);
  }

  /** A task came here. */
  add(task: Task): void {
    // Most come last.
    let at = this.#fresh.length;
    for (; at > 0; at -= 1) {
      const one = this.#fresh[at - 1];
      if (one && compareTasks(one, task) <= 0) break;
    }
    this.#fresh.splice(at, 0, task);
  }

  /** The first task that `skip` lets through. */
  first(skip: (task: Task) => boolean = () => false): Task | undefined {
    const stored = this.#firstStored(skip);
    const fresh = this.#firstFresh(skip);
    if (!stored || !fresh) return stored ?? fresh;
    return compareTasks(stored, fresh) < 0 ? stored : fresh;
  }

  #firstStored(skip: (task: Task) => boolean): Task | undefined {
    for (let at = this.#at; ; at += 1) {
      const task = this.#storedAt(at);
      if (!task) return undefined;
      // A changed one is among the fresh, if it still belongs here.
      const isGone = this.#source.changed(task.spec.id) !== undefined;
      if (isGone && at === this.#at) this.#at += 1;
      if (!isGone && !skip(task)) return task;
    }
  }

  #storedAt(at: number): Task | undefined {
    if (at >= this.#stored.length && !this.#isComplete) {
      this.#read(Math.max(FIRST_READ, this.#stored.length * 2));
    }
    return this.#stored[at];
  }

  #firstFresh(skip: (task: Task) => boolean): Task | undefined {
    for (let at = 0; at < this.#fresh.length; ) {
      const task = this.#fresh[at];
      if (!task) return undefined;
      if (this.#source.changed(task.spec.id) !== task || !this.#source.belongs(task)) {
        this.#fresh.splice(at, 1);
      } else if (skip(task)) at += 1;
      else return task;
    }
    return undefined;
  }

  #read(limit: number): void {
    this.#stored = this.#source.stored(limit);
    this.#isComplete = this.#stored.length < limit;
  }
}
