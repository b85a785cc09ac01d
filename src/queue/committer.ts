/**
 * Group commit: what one turn of the event loop asks of a queue shares one transaction, and so one
 * wait for the disk. While a transaction runs, the next one gathers.
 *
 * @module
 */

import { afterTurn } from "../concurrency/turn.ts";
import { MeshError } from "../errors.ts";
import type { Follow } from "./follower.ts";
import {
  type Changes,
  emptyMeta,
  type QueueMeta,
  type QueueStore,
  type ReadHints,
} from "./queue-store.ts";
import type { Task } from "./task.ts";
import { WorkingSet } from "./working-set.ts";

/** What a command will read, as far as it can be told before. */
export interface Hints extends Partial<ReadHints> {
  /** Who asked hears of it although others do not have it yet; see {@link Flows.hold}. */
  readonly isOwnAffair?: boolean;
}

/** Does something to a queue, and answers; it decides before it writes, so that it may throw. */
export type Command<T> = (set: WorkingSet) => T;

const NO_HINTS: ReadHints = { ids: [], keys: [], groups: [], lanes: [] };

/** Commands that share one transaction at the most. */
const MAX_COMMANDS = 256;

interface Waiting {
  readonly command: Command<unknown>;
  readonly hints: Hints;
  resolve(answer: unknown): void;
  reject(error: unknown): void;
}

/** How a command ended within its transaction, and the tasks of workflows that it touched. */
type Outcome = ({ readonly answer: unknown } | { readonly error: MeshError }) & {
  readonly touched: ReadonlySet<string>;
};

/** What a committer needs. */
export interface CommitterNeeds {
  readonly queue: string;
  readonly store: Pick<QueueStore, "transact" | "isShared" | "digest">;
  readonly now: () => number;
  /** Called after each commit, before those who asked hear of it. */
  readonly committed: (changes: Changes) => void;
  /** Puts work at the end of this turn. */
  readonly defer?: (run: () => void) => void;
  /** Workflows, where there are any. */
  readonly flows?: Flows | undefined;
}

/** What decides about workflows. */
export interface Flows {
  readonly follow: Follow;
  /** Fetch what was missing; whether that was what the error is about, and the work can be done again. */
  prepare(error: unknown): Promise<boolean>;
  /**
   * Whoever did something to these tasks hears of it when this resolves: others must have it first.
   * `version` is the number of the commit's last event; `undefined` where nobody has to.
   */
  hold(queue: string, tasks: ReadonlySet<string>, version: number): Promise<void> | undefined;
  /** Whether a task may be given to a worker now. */
  mayStart(task: Task): boolean;
}

/** Runs commands on one queue, together and in order. */
export class Committer {
  readonly #needs: CommitterNeeds;
  #waiting: Waiting[] = [];
  #isBusy = false;
  #idle: Promise<void> = Promise.resolve();
  #meta: QueueMeta;

  constructor(needs: CommitterNeeds) {
    this.#needs = needs;
    this.#meta = emptyMeta(needs.queue);
  }

  /** Of the queue, as the last transaction left it; others may have changed it since. */
  get meta(): QueueMeta {
    return this.#meta;
  }

  /** Resolves when what the command did is durable. */
  run<T>(command: Command<T>, hints: Hints = {}): Promise<T> {
    const settled = new Promise<T>((resolve, reject) => {
      // Each answer goes back to the command that it is of.
      this.#waiting.push({ command, hints, resolve: resolve as (answer: unknown) => void, reject });
    });
    this.#arm();
    return settled;
  }

  /** Resolves when everything that was asked so far has been done. */
  async settled(): Promise<void> {
    while (this.#isBusy) await this.#idle;
  }

  #arm(): void {
    if (this.#isBusy) return;
    this.#isBusy = true;
    this.#idle = new Promise((resolve) => {
      (this.#needs.defer ?? afterTurn)(() => void this.#drain().then(resolve));
    });
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, MAX_COMMANDS);
      this.#waiting = this.#waiting.slice(MAX_COMMANDS);
      await this.#commit(batch);
    }
    this.#isBusy = false;
  }

  /** At once, or when others have what was done. */
  #answer({ resolve, reject, hints }: Waiting, outcome: Outcome | undefined): void {
    if (!outcome) return;
    const { queue, flows } = this.#needs;
    const { touched } = outcome;
    const answer = (): void =>
      "error" in outcome ? reject(outcome.error) : resolve(outcome.answer);
    const isHeld = touched.size > 0 && !hints.isOwnAffair;
    const held = isHeld ? flows?.hold(queue, touched, this.#meta.nextEvent - 1) : undefined;
    if (held) held.then(answer, reject);
    else answer();
  }

  async #commit(batch: readonly Waiting[]): Promise<void> {
    const { queue, store, now, committed, flows } = this.#needs;
    let written: Changes | undefined;
    let seen = this.#meta;
    // Where reads are no round trips, nobody needs them.
    const hints = store.isShared ? hintsOf(batch) : NO_HINTS;
    try {
      const outcomes = await store.transact(queue, hints, (reader) => {
        const set = new WorkingSet(reader, now(), store.digest, flows?.follow);
        const answer = batch.map(({ command }) => attempt(command, set));
        written = set.changes();
        seen = written?.meta ?? reader.meta();
        return written ? { answer, changes: written } : { answer };
      });
      this.#meta = seen;
      if (written) committed(written);
      for (const [at, waiting] of batch.entries()) this.#answer(waiting, outcomes[at]);
    } catch (error) {
      if (await flows?.prepare(error).catch(() => false)) return this.#commit(batch);
      for (const { reject } of batch) reject(error);
    }
  }
}

/** A request that is wrong is one request's affair; anything else undoes the transaction. */
function attempt(command: Command<unknown>, set: WorkingSet): Outcome {
  try {
    return { answer: command(set), touched: set.takeFollowed() };
  } catch (error) {
    if (error instanceof MeshError) return { error, touched: set.takeFollowed() };
    throw error;
  }
}

function hintsOf(batch: readonly Waiting[]): ReadHints {
  const all = batch.map(({ hints }) => hints);
  return {
    ids: [...new Set(all.flatMap(({ ids = [] }) => ids))],
    keys: [...new Set(all.flatMap(({ keys = [] }) => keys))],
    groups: [...new Set(all.flatMap(({ groups = [] }) => groups))],
    lanes: lanesOf(all),
  };
}

function lanesOf(hints: readonly Hints[]): ReadHints["lanes"] {
  const limits = new Map<string, number>();
  for (const { lanes = [] } of hints) {
    for (const { name, limit } of lanes) limits.set(name, (limits.get(name) ?? 0) + limit);
  }
  return [...limits].map(([name, limit]) => ({ name, limit }));
}
