/**
 * {@link QueueStore} in memory: for tests, isolates and queues that may be lost.
 *
 * @module
 */

import { dueAt, isForgettable } from "./groups.ts";
import { compareTasks, isClaimable, laneOf } from "./order.ts";
import {
  type Changes,
  emptyMeta,
  type GroupState,
  type LogEntry,
  type QueueMeta,
  type QueueReader,
  type QueueStore,
  type QueueWork,
  type ReadHints,
  type StoreFacts,
  type TaskQuery,
} from "./queue-store.ts";
import { isFinal, type Task } from "./task.ts";

/** An empty store. */
export function createMemoryQueueStore(): QueueStore {
  return new MemoryQueueStore();
}

class MemoryQueueStore implements QueueStore {
  readonly isShared = false;
  readonly #tables = new Map<string, Table>();
  readonly #blobs = new Map<string, { readonly cid: string; readonly bytes: Uint8Array }>();

  async transact<T>(queue: string, _hints: ReadHints, work: QueueWork<T>): Promise<T> {
    const table = this.#table(queue);
    const { answer, changes } = work(table);
    if (changes) {
      table.apply(changes);
      for (const { task, cid, bytes } of changes.blobs) this.#blobs.set(task, { cid, bytes });
      for (const id of changes.removed) this.#blobs.delete(id);
    }
    return answer;
  }

  async queues(): Promise<readonly string[]> {
    return [...this.#tables.keys()].sort();
  }

  async task(id: string): Promise<Task | undefined> {
    for (const table of this.#tables.values()) {
      const task = table.task(id);
      if (task) return task;
    }
    return undefined;
  }

  async list({ queue, limit, ...query }: TaskQuery): Promise<readonly Task[]> {
    const newest = this.#table(queue).all().toReversed();
    return newest.filter((task) => matches(task, query)).slice(0, limit);
  }

  async leased(queue: string): Promise<readonly Task[]> {
    return this.#table(queue)
      .all()
      .filter(({ state }) => state === "leased");
  }

  async nextDue(queue: string): Promise<number | undefined> {
    return this.#table(queue).nextDue();
  }

  async ahead(task: Task, limit: number): Promise<number> {
    const before = this.#table(task.spec.queue)
      .all()
      .filter((one) => isClaimable(one) && compareTasks(one, task) < 0);
    return Math.min(limit, before.length);
  }

  async expired(queue: string, now: number, limit: number): Promise<readonly string[]> {
    return this.#table(queue)
      .all()
      .filter((task) => isFinal(task) && (task.finishedAt ?? 0) + task.spec.resultTtlMs <= now)
      .slice(0, limit)
      .map(({ spec }) => spec.id);
  }

  async log(
    queue: string,
    { from, to }: { readonly from: number; readonly to: number },
  ): Promise<readonly LogEntry[]> {
    return this.#table(queue).entries.filter(({ first, last }) => last >= from && first <= to);
  }

  async blob(cid: string): Promise<Uint8Array | undefined> {
    return [...this.#blobs.values()].find((blob) => blob.cid === cid)?.bytes;
  }

  async facts(): Promise<StoreFacts> {
    return { durability: "memory: lost when the process ends" };
  }

  async close(): Promise<void> {}

  #table(queue: string): Table {
    const table = this.#tables.get(queue) ?? new Table(queue);
    this.#tables.set(queue, table);
    return table;
  }
}

/** The rows of one queue. */
class Table implements QueueReader {
  readonly entries: LogEntry[] = [];
  #meta: QueueMeta;
  readonly #tasks = new Map<string, Task>();
  readonly #keys = new Map<string, string>();
  readonly #groups = new Map<string, GroupState>();

  constructor(queue: string) {
    this.#meta = emptyMeta(queue);
  }

  /** In the order of their numbers. */
  all(): readonly Task[] {
    return [...this.#tasks.values()];
  }

  meta(): QueueMeta {
    return this.#meta;
  }
  task(id: string): Task | undefined {
    return this.#tasks.get(id);
  }
  group(key: string): GroupState | undefined {
    return this.#groups.get(key);
  }

  byKey(key: string): Task | undefined {
    const id = this.#keys.get(key);
    return id === undefined ? undefined : this.#tasks.get(id);
  }

  claimable(lane: string, limit: number): readonly Task[] {
    return this.#first(limit, (task) => isClaimable(task) && laneOf(task.spec) === lane);
  }

  held(group: string, limit: number): readonly Task[] {
    return this.#first(limit, ({ isHeld, spec }) => isHeld && spec.groupKey === group);
  }

  due(now: number, limit: number): readonly Task[] {
    return this.all()
      .filter(({ state, runAt }) => state === "scheduled" && runAt <= now)
      .sort((a, b) => a.runAt - b.runAt || a.seq - b.seq)
      .slice(0, limit);
  }

  dueGroups(now: number, limit: number): readonly GroupState[] {
    const groups = [...this.#groups.values()];
    return groups.filter((group) => (dueAt(group) ?? Infinity) <= now).slice(0, limit);
  }

  nextDue(): number | undefined {
    const scheduled = this.all().filter(({ state }) => state === "scheduled");
    const groups = [...this.#groups.values()].map(dueAt);
    const times = [...scheduled.map(({ runAt }) => runAt), ...groups].filter(
      (at) => at !== undefined,
    );
    return times.length > 0 ? Math.min(...times) : undefined;
  }

  apply({ meta, tasks, removed, groups, log }: Changes): void {
    this.#meta = meta;
    for (const task of tasks) {
      this.#tasks.set(task.spec.id, task);
      const { idempotencyKey, id } = task.spec;
      if (idempotencyKey !== undefined) this.#keys.set(idempotencyKey, id);
    }
    for (const id of removed) this.#remove(id);
    for (const group of groups) {
      if (isForgettable(group)) this.#groups.delete(group.key);
      else this.#groups.set(group.key, group);
    }
    if (log) this.entries.push(log);
  }

  #remove(id: string): void {
    const key = this.#tasks.get(id)?.spec.idempotencyKey;
    if (key !== undefined && this.#keys.get(key) === id) this.#keys.delete(key);
    this.#tasks.delete(id);
  }

  #first(limit: number, belongs: (task: Task) => boolean): readonly Task[] {
    return this.all().filter(belongs).sort(compareTasks).slice(0, limit);
  }
}

function matches(
  { spec, state, seq, labels }: Task,
  query: Omit<TaskQuery, "queue" | "limit">,
): boolean {
  const { states, kind, label, groupKey, caller, since = 0, before = Infinity } = query;
  return (
    (!states || states.includes(state)) &&
    (kind === undefined || spec.kind === kind) &&
    (label === undefined || hasLabel(labels, label)) &&
    (groupKey === undefined || spec.groupKey === groupKey) &&
    (caller === undefined || spec.caller.id === caller) &&
    spec.submittedAt >= since &&
    seq < before
  );
}

function hasLabel(labels: Task["labels"], wanted: string): boolean {
  const at = wanted.indexOf("=");
  if (at < 0) return wanted in labels;
  return labels[wanted.slice(0, at)] === wanted.slice(at + 1);
}
