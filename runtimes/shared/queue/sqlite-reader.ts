/**
 * One queue in SQLite as transactions see it: its rows, and what was committed since they were
 * written.
 *
 * Nobody else writes the file, so what was read once need not be read again.
 *
 * @module
 */

import { compareTasks } from "../../../src/queue/order.ts";
import {
  emptyMeta,
  type GroupState,
  type QueueMeta,
  type QueueReader,
} from "../../../src/queue/queue-store.ts";
import type { Task } from "../../../src/queue/task.ts";
import { KnownRows } from "./sqlite-known-rows.ts";
import { StoredLine } from "./sqlite-line.ts";
import { Recent, type RecentChanges } from "./sqlite-recent.ts";
import { type ReadStatements, taskIn, tasksOf } from "./sqlite-statements.ts";
import { heldLine, urgencyOf } from "./task-row.ts";

/** {@link QueueReader} over rows and what is newer. */
export class SqliteReader implements QueueReader {
  /** Not in the tables yet. */
  readonly recent: Recent = new Recent();
  readonly #queue: string;
  readonly #reads: ReadStatements;
  /** Writes what is recent into the tables, for what only they can answer. */
  readonly #fold: () => void;
  readonly #rows: KnownRows;
  readonly #lines = new Map<string, StoredLine>();
  #meta: QueueMeta | undefined;

  constructor(queue: string, reads: ReadStatements, fold: () => void) {
    this.#queue = queue;
    this.#reads = reads;
    this.#rows = new KnownRows(reads.task, queue);
    this.#fold = fold;
  }

  /** A commit is durable. */
  take(changes: RecentChanges, runs: readonly string[]): void {
    this.#meta = changes.meta;
    this.recent.take(changes, runs, (id) => this.#rows.get(id));
  }

  /** The rows are as new as anything. */
  folded(): void {
    this.#rows.changed(this.recent.tasks.values(), this.recent.removed);
    this.recent.clear();
    this.#lines.clear();
  }

  meta(): QueueMeta {
    if (this.#meta) return this.#meta;
    const row = this.#reads.meta.get(this.#queue);
    this.#meta = row ? (JSON.parse(String(row.meta)) as QueueMeta) : emptyMeta(this.#queue);
    return this.#meta;
  }

  task(id: string): Task | undefined {
    return this.recent.tasks.get(id)?.task ?? this.#standing(this.#rows.get(id));
  }

  byKey(key: string): Task | undefined {
    const recent = this.recent.byKey(key);
    if (recent) return recent;
    const row = taskIn(this.#reads.byKey.get(this.#queue, key));
    return row && this.task(row.spec.id);
  }

  group(key: string): GroupState | undefined {
    if (this.recent.groups.has(key)) return this.recent.groups.get(key);
    const row = this.#reads.group.get(this.#queue, key);
    return row && (JSON.parse(String(row.state)) as GroupState);
  }

  claimable(lane: string, limit: number): readonly Task[] {
    return this.#waiting(lane, limit);
  }

  held(group: string, limit: number): readonly Task[] {
    return this.#waiting(heldLine(group), limit);
  }

  due(now: number, limit: number): readonly Task[] {
    this.#fold();
    return tasksOf(this.#reads.due.all(this.#queue, now, limit));
  }

  dueGroups(now: number, limit: number): readonly GroupState[] {
    this.#fold();
    const rows = this.#reads.dueGroups.all(this.#queue, now, limit);
    return rows.map(({ state }) => JSON.parse(String(state)) as GroupState);
  }

  /** How many claimable tasks come before this one, up to `limit`. */
  ahead(task: Task, limit: number): number {
    let count = 0;
    for (const lane of Object.keys(this.meta().lanes)) {
      if (count >= limit) break;
      count += this.#aheadIn(lane, task, limit);
    }
    return Math.min(count, limit);
  }

  #aheadIn(lane: string, task: Task, limit: number): number {
    const isBefore = (one: Task): boolean => compareTasks(one, task) < 0;
    const fresh = this.recent.waiting(lane).filter(isBefore).length;
    const { whole } = this.#line(lane);
    if (whole) return fresh + whole.filter((one) => !this.#isOutdated(one) && isBefore(one)).length;
    const outdated = this.recent.outdated(lane).filter(isBefore).length;
    const order = [urgencyOf(task), task.tag, task.seq];
    const row = this.#reads.ahead.get(this.#queue, lane, ...order, limit + outdated);
    return fresh + Number(row?.count ?? 0) - outdated;
  }

  #waiting(line: string, limit: number): readonly Task[] {
    const fresh = this.recent.waiting(line);
    const found: Task[] = [];
    let at = 0;
    for (const row of this.#line(line).current((task) => this.#isOutdated(task))) {
      for (; at < fresh.length && found.length < limit; at += 1) {
        const task = fresh[at];
        if (!task || compareTasks(row, task) < 0) break;
        found.push(task);
      }
      if (found.length >= limit) return found;
      found.push(row);
    }
    return [...found, ...fresh.slice(at, at + limit - found.length)];
  }

  #line(line: string): StoredLine {
    const known = this.#lines.get(line) ?? new StoredLine(this.#reads, [this.#queue, line]);
    this.#lines.set(line, known);
    return known;
  }

  #standing(row: Task | undefined): Task | undefined {
    return row && (this.recent.removed.has(row.spec.id) ? undefined : row);
  }

  #isOutdated({ spec }: Task): boolean {
    return this.recent.tasks.has(spec.id) || this.recent.removed.has(spec.id);
  }
}
