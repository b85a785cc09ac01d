/**
 * What a queue should do, in as few words as possible: a map of tasks and the passing of time. It
 * knows nothing of stores, transactions, lanes or logs.
 *
 * @module
 */

import type { Backoff, Task, Token } from "../../../../src/queue/task.ts";
import { LEASE_MS } from "../../../support/queues.ts";

/** A task, as far as the oracle knows it. */
export interface Known {
  readonly id: string;
  readonly key: string | undefined;
  readonly group: string | undefined;
  readonly ttlMs: number;
  readonly previous: string | undefined;
  readonly maxAttempts: number;
  state: Task["state"];
  priority: number;
  runAt: number;
  attempts: number;
  stalls: number;
  token: Token;
  note: string | undefined;
  labels: Readonly<Record<string, string>>;
  result: string | undefined;
  finishedAt: number;
  /** The attempt that runs: until when, and when it is taken away. */
  until: number;
  cancelAt: number;
}

/** What a new task is made of. */
export type Asked = Pick<Known, "id" | "key" | "group" | "ttlMs" | "priority"> & {
  readonly delayMs: number;
};

/** How many tasks of each group may run at once. */
export const GROUP_LIMITS: Readonly<Record<string, number>> = { g1: 1, g2: 2 };
/** Of every task here. */
export const BACKOFF: Backoff = { initialMs: 1_000, factor: 2, maxMs: 60_000, jitter: 0 };
export const MAX_ATTEMPTS = 2;
export const MAX_STALLS = 2;
const PRUNE_MS = 60_000;
const FINAL: ReadonlySet<string> = new Set(["done", "failed", "dead", "cancelled"]);

const backoff = (nth: number): number => BACKOFF.initialMs * BACKOFF.factor ** (nth - 1);

/** Whether nothing more happens to it. */
export const isOver = ({ state }: Known): boolean => FINAL.has(state);

/** The whole of it. */
export class Oracle {
  readonly tasks: Map<string, Known> = new Map();
  now: number;
  epoch = 1;
  #pruneAt: number;

  constructor(now: number) {
    this.now = now;
    this.#pruneAt = now + PRUNE_MS;
  }

  /** The one that a submission finds, or nothing where it makes one. */
  find({ id, key }: Pick<Asked, "id" | "key">): Known | undefined {
    const all = [...this.tasks.values()];
    return all.find((task) => key !== undefined && task.key === key) ?? this.tasks.get(id);
  }

  add(asked: Asked, more: Partial<Pick<Known, "previous" | "maxAttempts" | "labels">> = {}): void {
    const { delayMs, ...rest } = asked;
    this.tasks.set(asked.id, {
      ...rest,
      ...{ previous: undefined, maxAttempts: MAX_ATTEMPTS, labels: {}, ...more },
      state: delayMs > 0 ? "scheduled" : "ready",
      runAt: this.now + delayMs,
      ...{ attempts: 0, stalls: 0, token: { epoch: this.epoch, attempt: 0 }, note: undefined },
      ...{ result: undefined, finishedAt: Infinity, until: Infinity, cancelAt: Infinity },
    });
  }

  /** How many could be claimed at once. */
  get claimable(): number {
    const all = [...this.tasks.values()];
    const count = (group: string | undefined, state: Task["state"]): number =>
      all.filter((task) => task.group === group && task.state === state).length;
    const groups = new Set(all.flatMap(({ group }) => group ?? []));
    const free = [...groups].map((group) =>
      Math.min(count(group, "ready"), (GROUP_LIMITS[group] ?? 0) - count(group, "leased")),
    );
    return free.reduce((sum, one) => sum + Math.max(0, one), count(undefined, "ready"));
  }

  claim(task: Known): void {
    task.state = "leased";
    task.attempts += 1;
    task.token = { epoch: this.epoch, attempt: task.token.attempt + 1 };
    task.until = this.now + LEASE_MS;
  }

  end(task: Known, state: Task["state"]): void {
    Object.assign(task, { state, finishedAt: this.now, until: Infinity, cancelAt: Infinity });
  }

  fail(task: Known, isRetryable: boolean): void {
    if (task.cancelAt !== Infinity) this.end(task, "cancelled");
    else if (!isRetryable) this.end(task, "failed");
    else if (task.attempts >= task.maxAttempts) this.end(task, "dead");
    else this.#again(task, backoff(task.attempts));
  }

  giveBack(task: Known): void {
    if (task.cancelAt !== Infinity) this.end(task, "cancelled");
    else {
      const { runAt } = task;
      this.#again(task, 0);
      Object.assign(task, { runAt, attempts: task.attempts - 1 });
    }
  }

  cancel(task: Known, graceMs: number): void {
    if (isOver(task)) return;
    if (task.state !== "leased") this.end(task, "cancelled");
    else if (task.cancelAt === Infinity) task.cancelAt = this.now + graceMs;
  }

  prune(): number {
    const old = [...this.tasks.values()].filter(
      (task) => isOver(task) && task.finishedAt + task.ttlMs <= this.now,
    );
    for (const { id } of old) this.tasks.delete(id);
    return old.length;
  }

  /** Its owner starts anew: tokens of the next epoch, and full time for what runs. */
  restart(): void {
    this.epoch += 1;
    this.#pruneAt = this.now + PRUNE_MS;
    for (const task of this.tasks.values()) {
      if (task.state !== "leased") continue;
      task.until = this.now + LEASE_MS;
      if (task.cancelAt !== Infinity) task.cancelAt = task.until;
    }
  }

  /** Time passes, and what follows from it happens at its moment. */
  advance(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      const moments = [...this.tasks.values()].map((task) => momentOf(task));
      const next = Math.min(this.#pruneAt, ...moments);
      if (next > end) break;
      this.now = next;
      for (const task of this.tasks.values()) if (momentOf(task) <= next) this.#happen(task);
      if (this.#pruneAt > next) continue;
      this.prune();
      this.#pruneAt += PRUNE_MS;
    }
    this.now = end;
  }

  #happen(task: Known): void {
    if (task.state === "scheduled") task.state = "ready";
    else if (task.cancelAt !== Infinity) this.end(task, "cancelled");
    else this.#lose(task);
  }

  #lose(task: Known): void {
    task.stalls += 1;
    if (task.stalls > MAX_STALLS) this.end(task, "dead");
    else {
      task.attempts -= 1;
      this.#again(task, task.stalls === 1 ? 0 : backoff(task.stalls - 1));
    }
  }

  #again(task: Known, waitMs: number): void {
    task.state = waitMs > 0 ? "scheduled" : "ready";
    Object.assign(task, { runAt: this.now + waitMs, until: Infinity, cancelAt: Infinity });
  }
}

/** When something happens to a task by itself. */
function momentOf({ state, runAt, until, cancelAt }: Known): number {
  if (state === "scheduled") return runAt;
  return state === "leased" ? Math.min(until, cancelAt) : Infinity;
}
