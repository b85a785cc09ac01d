/**
 * What was committed to a queue and is not in its tables yet, in the order of their rows.
 *
 * @module
 */

import { isForgettable } from "../../../src/queue/groups.ts";
import { compareTasks } from "../../../src/queue/order.ts";
import type { Changes, GroupState, QueueMeta } from "../../../src/queue/queue-store.ts";
import type { Task } from "../../../src/queue/task.ts";
import { lineOf } from "./task-row.ts";

/** A task as it was committed last. */
export interface RecentTask {
  readonly task: Task;
  readonly run: string;
  /** Its row, which this outdates; left out, the tables do not know it yet. */
  readonly stored?: Task;
}

/** What a commit says that is remembered until it is folded. */
export type RecentChanges = Pick<Changes, "meta" | "tasks" | "inserted" | "removed" | "groups">;

/** The newest state of what changed. */
export class Recent {
  readonly tasks: Map<string, RecentTask> = new Map();
  readonly removed: Set<string> = new Set();
  /** Groups of which nothing needs to be remembered are `undefined`. */
  readonly groups: Map<string, GroupState | undefined> = new Map();
  readonly #keys = new Map<string, string>();
  readonly #lines = new Map<string, Map<string, Task>>();
  #meta: QueueMeta | undefined;

  get meta(): QueueMeta | undefined {
    return this.#meta;
  }

  /** How much there is to fold. */
  get size(): number {
    return this.tasks.size + this.removed.size + this.groups.size;
  }

  /** `run` is the JSON of each task's changing part; `stored` reads a task's row. */
  take(
    changes: RecentChanges,
    runs: readonly string[],
    stored: (id: string) => Task | undefined,
  ): void {
    const { meta, tasks, inserted, removed, groups } = changes;
    this.#meta = meta;
    for (const [at, task] of tasks.entries()) {
      const { id, idempotencyKey } = task.spec;
      const known = this.tasks.get(id);
      const row = known ? known.stored : inserted.has(id) ? undefined : stored(id);
      this.#move(known?.task, task);
      this.tasks.set(id, { task, run: runs[at] ?? "", ...(row && { stored: row }) });
      if (idempotencyKey !== undefined) this.#keys.set(idempotencyKey, id);
    }
    for (const id of removed) this.#remove(id);
    for (const group of groups)
      this.groups.set(group.key, isForgettable(group) ? undefined : group);
  }

  byKey(key: string): Task | undefined {
    return this.tasks.get(this.#keys.get(key) ?? "")?.task;
  }

  /** Tasks that wait in a line, in their order. */
  waiting(line: string): readonly Task[] {
    const found = this.#lines.get(line);
    return found ? [...found.values()].sort(compareTasks) : [];
  }

  /** Rows of a line in the tables that are there no more, or have changed. */
  outdated(line: string): readonly Task[] {
    const rows = [...this.tasks.values()].map(({ stored }) => stored);
    return rows.filter((row) => row !== undefined && lineOf(row) === line) as readonly Task[];
  }

  /** It is in the tables now. */
  clear(): void {
    for (const map of [this.tasks, this.groups, this.#keys, this.#lines]) map.clear();
    this.removed.clear();
    this.#meta = undefined;
  }

  #remove(id: string): void {
    const known = this.tasks.get(id);
    this.tasks.delete(id);
    const key = known?.task.spec.idempotencyKey;
    if (key !== undefined && this.#keys.get(key) === id) this.#keys.delete(key);
    if (!known || known.stored) this.removed.add(id);
  }

  #move(before: Task | undefined, after: Task): void {
    const { id } = after.spec;
    const left = before && lineOf(before);
    if (left !== undefined) this.#lines.get(left)?.delete(id);
    const line = lineOf(after);
    if (line === undefined) return;
    const tasks = this.#lines.get(line) ?? new Map<string, Task>();
    this.#lines.set(line, tasks.set(id, after));
  }
}
