/** The rows of one line of waiting tasks, read from the front as far as they are asked for. @module */

import type { Task } from "../../../src/queue/task.ts";
import { type ReadStatements, tasksOf } from "./sqlite-statements.ts";
import { urgencyOf } from "./task-row.ts";

/** Rows that are read at once. */
const READ = 64;

/** Valid until rows change. */
export class StoredLine {
  readonly #reads: Pick<ReadStatements, "first" | "after">;
  readonly #place: readonly [queue: string, line: string];
  readonly #tasks: Task[] = [];
  #isWhole = false;
  /** The rows before this one are outdated. */
  #start = 0;

  constructor(
    reads: Pick<ReadStatements, "first" | "after">,
    place: readonly [queue: string, line: string],
  ) {
    this.#reads = reads;
    this.#place = place;
  }

  /** All of its rows, where those that were read are all. */
  get whole(): readonly Task[] | undefined {
    return this.#isWhole ? this.#tasks : undefined;
  }

  /** The first of them that are not outdated: what is outdated stays so. */
  *current(isOutdated: (task: Task) => boolean): Generator<Task, void> {
    for (let at = this.#start; ; at += 1) {
      if (at >= this.#tasks.length) this.#read();
      const task = this.#tasks[at];
      if (!task) return;
      if (!isOutdated(task)) yield task;
      else if (at === this.#start) this.#start += 1;
    }
  }

  #read(): void {
    if (this.#isWhole) return;
    const { first, after } = this.#reads;
    const last = this.#tasks.at(-1);
    const rows = last
      ? after.all(...this.#place, urgencyOf(last), last.tag, last.seq, READ)
      : first.all(...this.#place, READ);
    this.#tasks.push(...tasksOf(rows));
    this.#isWhole = rows.length < READ;
  }
}
