/**
 * Transactions on one queue, one after the other.
 *
 * While no other server changes the queue, what is known here is enough: the work runs at once and
 * its changes travel in one round trip, which finds out whether that was true. Else it takes two:
 * lock the queue and read what the work will want; write and commit.
 *
 * @module
 */

import { UnavailableError } from "../../../src/errors.ts";
import type { QueueWork, ReadHints } from "../../../src/queue/queue-store.ts";
import { KnownRows } from "./postgres-known.ts";
import { type Assumed, PostgresReader } from "./postgres-reader.ts";
import { PostgresSession, type SessionNeeds } from "./postgres-session.ts";
import { Missing, type Want, wantsOf, wantsOfHints } from "./postgres-wants.ts";

/** After so many transactions in which nobody else wrote, that is taken for granted. */
const QUIET = 4;
/** Tasks of a lane that are read while nobody else writes, for later. */
const AHEAD = 128;
/** Only a lost connection undoes a transaction that holds the lock. */
const ATTEMPTS = 3;

/** What became of the work. */
interface Done<T> {
  readonly answer: T;
}

/** See the top of this file. */
export class PostgresTransactions {
  readonly #queue: string;
  readonly #known: KnownRows;
  readonly #session: PostgresSession;
  #last: Promise<unknown> = Promise.resolve();
  #quiet = 0;

  constructor(needs: Omit<SessionNeeds, "known">) {
    this.#queue = needs.queue;
    this.#known = new KnownRows(needs.queue);
    this.#session = new PostgresSession({ ...needs, known: this.#known });
  }

  /** See `QueueStore.transact`. */
  transact<T>(hints: ReadHints, work: QueueWork<T>): Promise<T> {
    const done = this.#last.then(() => this.#transact(hints, work));
    this.#last = done.catch(() => undefined);
    return done;
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#session.close();
  }

  async #transact<T>(hints: ReadHints, work: QueueWork<T>): Promise<T> {
    try {
      await this.#session.open();
      const guessed = await this.#guess(work);
      if ("answer" in guessed) return guessed.answer;
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        const done = await this.#locked(hints, guessed, work);
        if (done) return done.answer;
      }
    } catch (error) {
      this.#forget();
      throw error;
    }
    throw new UnavailableError(
      "storage_unavailable",
      `The connection to PostgreSQL was lost in the midst of ${ATTEMPTS} transactions on "${this.#queue}"; try again later`,
    );
  }

  /** Run the work on what is known; answers with what was missing where that is not enough. */
  async #guess<T>(work: QueueWork<T>): Promise<Done<T> | Want> {
    if (this.#quiet < QUIET) return {};
    const absent: Assumed = { ids: new Set(), keys: new Set() };
    const done = attempt(work, new PostgresReader(this.#known, absent));
    if (done instanceof Missing) return done.want;
    // That nothing is to be done may have changed by now.
    if (!done.changes) return {};
    return (await this.#session.write(done.changes, absent)) ? done : {};
  }

  /** Answers with nothing where the connection, and so the lock, was lost before the commit. */
  async #locked<T>(
    hints: ReadHints,
    missing: Want,
    work: QueueWork<T>,
  ): Promise<Done<T> | undefined> {
    const { version } = this.#known;
    try {
      await this.#session.begin(wantsOfHints(hints, missing), this.#ahead);
      this.#quiet = version === this.#known.version ? this.#quiet + 1 : 0;
      const done = await this.#complete(work);
      if (!done.changes) {
        this.#session.end();
        return done;
      }
      if (await this.#session.write(done.changes)) return done;
    } catch (error) {
      this.#session.undo();
      throw error;
    }
    this.#forget();
    return undefined;
  }

  async #complete<T>(work: QueueWork<T>): Promise<ReturnType<QueueWork<T>>> {
    const reader = new PostgresReader(this.#known);
    for (;;) {
      const done = attempt(work, reader);
      if (!(done instanceof Missing)) return done;
      await this.#session.read(wantsOf(done.want), this.#ahead);
    }
  }

  get #ahead(): number {
    return this.#quiet >= QUIET ? AHEAD : 0;
  }

  #forget(): void {
    this.#known.forget();
    this.#quiet = 0;
  }
}

function attempt<T>(
  work: QueueWork<T>,
  reader: PostgresReader,
): ReturnType<QueueWork<T>> | Missing {
  try {
    return work(reader);
  } catch (error) {
    if (error instanceof Missing) return error;
    throw error;
  }
}
