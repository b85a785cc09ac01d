/**
 * What is known of a queue's rows, all of one version of the queue.
 *
 * What a commit of this server changes is known after it, so that a server that is alone with a
 * queue seldom reads.
 *
 * @module
 */

import { isForgettable } from "../../../src/queue/groups.ts";
import { compareTasks, isClaimable } from "../../../src/queue/order.ts";
import {
  type Changes,
  emptyMeta,
  type GroupState,
  type QueueMeta,
} from "../../../src/queue/queue-store.ts";
import { isFinal, type Task } from "../../../src/queue/task.ts";
import { bound, Front } from "./postgres-front.ts";
import { lineOf } from "./task-row.ts";

const MAX_TASKS = 2_048;
const MAX_GROUPS = 2_048;
const MAX_LINES = 64;

/** Scheduled tasks and held groups that are due before `until`. */
export interface Soon {
  readonly until: number;
  readonly tasks?: Front;
  readonly groups?: readonly GroupState[];
}

/** See the top of this file; `undefined` stands for what is known to be absent. */
export class KnownRows {
  #version = 0;
  #meta: QueueMeta;
  readonly tasks: Map<string, Task | undefined> = new Map();
  /** Ids by idempotency key. */
  readonly keys: Map<string, string | undefined> = new Map();
  readonly groups: Map<string, GroupState | undefined> = new Map();
  /** Lanes, and the held tasks of groups. */
  readonly lines: Map<string, Front> = new Map();
  soon: Soon = { until: -Infinity };

  constructor(queue: string) {
    this.#meta = emptyMeta(queue);
  }

  get version(): number {
    return this.#version;
  }

  get meta(): QueueMeta {
    return this.#meta;
  }

  /** The queue is of this version; what is known of another one is forgotten. */
  see(version: number, meta: QueueMeta): void {
    if (version !== this.#version) this.forget();
    this.#version = version;
    this.#meta = meta;
  }

  forget(): void {
    this.#version = -1;
    for (const known of [this.tasks, this.keys, this.groups, this.lines]) known.clear();
    this.trim();
  }

  /** What was written: everything that is known is of the next version now. */
  apply({ meta, tasks, inserted, removed, groups }: Changes): void {
    for (const task of tasks) {
      const { id, idempotencyKey } = task.spec;
      // What changed last is forgotten last.
      this.tasks.delete(id);
      if (!isFinal(task)) this.tasks.set(id, task);
      if (idempotencyKey !== undefined && inserted.has(id)) this.keys.set(idempotencyKey, id);
    }
    if (removed.length > 0) this.keys.clear();
    for (const id of removed) this.tasks.delete(id);
    for (const group of groups) {
      this.groups.set(group.key, isForgettable(group) ? undefined : group);
    }
    this.#move(tasks);
    this.#version += 1;
    this.#meta = meta;
    this.trim();
  }

  /** A transaction is over: keep what the next one is likely to ask for, and not more. */
  trim(): void {
    this.soon = { until: -Infinity };
    bound(this.tasks, MAX_TASKS);
    bound(this.keys, MAX_TASKS);
    bound(this.groups, MAX_GROUPS);
    bound(this.lines, MAX_LINES);
  }

  /** Out of the lines in which they were, into those in which they are. */
  #move(tasks: readonly Task[]): void {
    const changed = new Set(tasks.map(({ spec }) => spec.id));
    for (const front of this.lines.values()) front.leave(changed);
    for (const task of tasks.toSorted(compareTasks)) {
      const line = lineOf(task);
      if (line === undefined) continue;
      // Where nothing was claimable, nothing is unknown.
      const isNew = isClaimable(task) && (this.#meta.lanes[line] ?? 0) === 0;
      if (isNew && !this.lines.has(line)) this.lines.set(line, new Front([], true));
      this.lines.get(line)?.add(task);
    }
  }
}
