/** The connection over which one queue is changed. @module */

import { isClaimable } from "../../../src/queue/order.ts";
import type { Changes } from "../../../src/queue/queue-store.ts";
import { isFinal } from "../../../src/queue/task.ts";
import type { Link } from "./postgres-client.ts";
import { learn, lock, reads } from "./postgres-fetch.ts";
import type { KnownRows } from "./postgres-known.ts";
import type { Assumed } from "./postgres-reader.ts";
import { type Run, together } from "./postgres-sql.ts";
import type { Wants } from "./postgres-wants.ts";
import { writeStatement } from "./postgres-writer.ts";

/** What a session needs. */
export interface SessionNeeds {
  readonly queue: string;
  readonly link: Link;
  readonly known: KnownRows;
  /** Tell other servers, after a commit that somebody there may wait for. */
  readonly announce: (run: Run) => void;
}

/** Each method takes one round trip, but the last two, for which nobody waits. */
export class PostgresSession {
  readonly #needs: SessionNeeds;
  #isNew = true;

  constructor(needs: SessionNeeds) {
    this.#needs = needs;
  }

  /** Does nothing where it is open. */
  async open(): Promise<void> {
    await this.#needs.link.open();
  }

  close(): Promise<void> {
    return this.#needs.link.close();
  }

  /** Be the only one who changes the queue, and read what is wanted. */
  async begin(wants: Wants, ahead: number): Promise<void> {
    const { queue, link, known } = this.#needs;
    const begun = link.run("BEGIN");
    const asks = [...lock(known, queue, this.#isNew), ...reads(known, queue, wants, ahead)];
    await Promise.all([begun, learn(link.run, asks)]);
    this.#isNew = false;
  }

  read(wants: Wants, ahead: number): Promise<void> {
    const { queue, link, known } = this.#needs;
    return learn(link.run, reads(known, queue, wants, ahead));
  }

  /** Write and commit; `false` where nothing was written because the queue is of another version. */
  async write(changes: Changes, absent?: Assumed): Promise<boolean> {
    const { known, link, announce } = this.#needs;
    const { text, values } = writeStatement(changes, known.version, absent);
    const written = link.run(text, values);
    // Without a lock the statement is a transaction of its own.
    const asked = absent ? [written] : [written, link.run("COMMIT")];
    const [rows = []] = await together(asked);
    if (rows.length === 0) return false;
    known.apply(changes);
    if (changes.tasks.some((task) => isClaimable(task) || isFinal(task))) announce(link.run);
    return true;
  }

  /** Nothing was changed. It comes before whatever is asked next. */
  end(): void {
    const { link, known } = this.#needs;
    link.run("COMMIT").catch(() => undefined);
    known.trim();
  }

  /** Undo what was begun; a connection that is lost undid it. */
  undo(): void {
    const { link } = this.#needs;
    if (link.isOpen) link.run("ROLLBACK").catch(() => undefined);
  }
}
