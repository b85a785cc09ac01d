/** Rows of tasks as they are in the tables, of which the latest are remembered. @module */

import { isFinal, type Task } from "../../../src/queue/task.ts";
import type { RecentTask } from "./sqlite-recent.ts";
import { type ReadStatements, taskIn } from "./sqlite-statements.ts";

/** Rows that are remembered. */
const MAX_ROWS = 512;

/** The rows of one queue, by their task's id. */
export class KnownRows {
  readonly #read: ReadStatements["task"];
  readonly #queue: string;
  readonly #rows = new Map<string, Task>();

  constructor(read: ReadStatements["task"], queue: string) {
    this.#read = read;
    this.#queue = queue;
  }

  get(id: string): Task | undefined {
    const known = this.#rows.get(id);
    if (known) return known;
    const row = taskIn(this.#read.get(id, this.#queue));
    if (row) this.#remember(row);
    return row;
  }

  /** These were written, and those deleted. */
  changed(written: Iterable<RecentTask>, deleted: Iterable<string>): void {
    for (const id of deleted) this.#rows.delete(id);
    for (const { task } of written) {
      // What is over is seldom asked for again.
      if (isFinal(task)) this.#rows.delete(task.spec.id);
      else this.#remember(task);
    }
  }

  #remember(task: Task): void {
    const { id } = task.spec;
    this.#rows.delete(id);
    this.#rows.set(id, task);
    const [oldest] = this.#rows.size > MAX_ROWS ? this.#rows.keys() : [];
    if (oldest !== undefined) this.#rows.delete(oldest);
  }
}
