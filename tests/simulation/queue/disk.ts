/**
 * A disk that takes its time: what was committed is durable only after a while, and a crash leaves
 * what was durable by then, or a little more.
 *
 * @module
 */

import { createMemoryQueueStore } from "../../../src/queue/memory-store.ts";
import type { Changes, QueueStore, QueueWork, ReadHints } from "../../../src/queue/queue-store.ts";
import type { Chance } from "./chance.ts";
import type { Life, Scheduler } from "./scheduler.ts";

/** What a disk is like. */
export interface DiskTraits {
  /** Share of commits that fail, with nothing changed. */
  readonly failures: number;
  /** A mutant: commits are told to be durable when they are not yet. */
  readonly isEager: boolean;
  /** A mutant: what is written of a commit; left out, all of it. */
  readonly written?: (changes: Changes) => Changes;
  /** Hears of both sides of each commit, and may let the process die at any of them. */
  readonly passes?: (moment: Moment) => void;
}

/** A place in the journal. */
export interface Moment {
  /** Commits of the whole run, from 0, whichever process made them. */
  readonly commit: number;
  /** Nothing of it is on the disk; or all of it, and nobody was told. */
  readonly when: "before" | "after";
}

/** What a process that has died waits for; one for each, so that no world is held in memory by it. */
const never = (): Promise<never> => new Promise(() => undefined);
const HINTS: ReadHints = { ids: [], keys: [], groups: [], lanes: [] };

/** The disk of the owner; it outlives each start of it. */
export class Disk {
  readonly #scheduler: Scheduler;
  readonly #chance: Chance;
  readonly #traits: DiskTraits;
  #isHealed = false;
  #busy = 0;
  #commits = 0;
  #synced: Changes[] = [];
  /** Written, and not yet durable, in order. */
  #pending: Changes[] = [];

  constructor(scheduler: Scheduler, chance: Chance, traits: DiskTraits) {
    this.#scheduler = scheduler;
    this.#chance = chance;
    this.#traits = traits;
  }

  /** What is on the disk, for a process that starts. */
  async open(life: Life): Promise<QueueStore> {
    const store = createMemoryQueueStore();
    for (const changes of this.#synced) await apply(store, changes);
    return this.#over(store, life);
  }

  /** Whether a transaction is under way. */
  get isBusy(): boolean {
    return this.#busy > 0;
  }

  /** From now on every commit succeeds. */
  heal(): void {
    this.#isHealed = true;
  }

  /** The process is gone: of what was not durable, some of the first may have become so. */
  crash(): void {
    const kept = this.#chance.between(0, this.#pending.length);
    this.#synced.push(...this.#pending.slice(0, kept));
    this.#pending = [];
    this.#busy = 0;
  }

  #over(store: QueueStore, life: Life): QueueStore {
    let last: Promise<unknown> = Promise.resolve();
    const transact = <T>(queue: string, hints: ReadHints, work: QueueWork<T>): Promise<T> => {
      const run = last.then(() => this.#transact(store, life, { queue, hints, work }));
      this.#busy += 1;
      const over = (): void => {
        this.#busy -= 1;
      };
      last = run.then(over, over);
      return run;
    };
    return {
      isShared: store.isShared,
      transact,
      queues: () => store.queues(),
      task: (id) => store.task(id),
      list: (query) => store.list(query),
      leased: (queue) => store.leased(queue),
      nextDue: (queue) => store.nextDue(queue),
      ahead: (task, limit) => store.ahead(task, limit),
      expired: (queue, now, limit) => store.expired(queue, now, limit),
      log: (queue, range) => store.log(queue, range),
      blob: (cid) => store.blob(cid),
      facts: () => store.facts(),
      close: () => store.close(),
    };
  }

  async #transact<T>(
    store: QueueStore,
    life: Life,
    { queue, hints, work }: { queue: string; hints: ReadHints; work: QueueWork<T> },
  ): Promise<T> {
    let changes: Changes | undefined;
    const answer = await store.transact(queue, hints, (reader) => {
      const done = work(reader);
      changes = done.changes;
      return { answer: done.answer };
    });
    const written = changes && (this.#traits.written?.(changes) ?? changes);
    if (!changes || !written) return answer;
    if (!this.#isHealed && this.#chance.happens(this.#traits.failures)) {
      await this.#passes(this.#syncMs(), life);
      throw new Error("simulated: the disk refuses to write");
    }
    const commit = this.#commits;
    this.#commits += 1;
    this.#traits.passes?.({ commit, when: "before" });
    if (life.isOver) return never();
    this.#pending.push(written);
    // What was written before it is durable with it.
    const sync = (): void => {
      this.#synced.push(...this.#pending.splice(0, this.#pending.indexOf(written) + 1));
    };
    if (this.#traits.isEager) {
      this.#scheduler.after(this.#syncMs(), sync, life);
      await apply(store, changes);
      return answer;
    }
    await this.#passes(this.#syncMs(), life);
    sync();
    this.#traits.passes?.({ commit, when: "after" });
    if (life.isOver) return never();
    // A crash between being durable and saying so.
    if (this.#chance.happens(0.3)) await this.#passes(1, life);
    await apply(store, changes);
    return answer;
  }

  #syncMs(): number {
    return this.#chance.happens(0.05) ? this.#chance.between(50, 400) : this.#chance.between(1, 8);
  }

  #passes(ms: number, life: Life): Promise<void> {
    return new Promise((resolve) => void this.#scheduler.after(ms, resolve, life));
  }
}

function apply(store: QueueStore, changes: Changes): Promise<unknown> {
  const { queue } = changes.meta;
  return store.transact(queue, HINTS, () => ({ answer: undefined, changes }));
}
