/** Servers that tell each other of their commits: hints, which may come late or not at all. @module */

import type { Connect, Link } from "./postgres-client.ts";
import type { Run } from "./postgres-sql.ts";

const CHANNEL = "mcpp_queue";
/** How soon a lost connection is opened again. */
const RETRY_MS = 1_000;

/** What one server says and hears. */
export class Notices {
  /** By which this server knows its own. */
  readonly #self = crypto.randomUUID();
  readonly #connect: Connect;
  readonly #queues: () => Iterable<string>;
  readonly #listeners = new Set<(queue: string) => void>();
  #link: Link | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  /** `queues` are those that may have changed while nobody listened. */
  constructor(connect: Connect, queues: () => Iterable<string>) {
    this.#connect = connect;
    this.#queues = queues;
  }

  /**
   * Tells the others of a commit to a queue.
   *
   * After the commit, because within it the notice would hold a lock of the whole server while that
   * waits for the disk.
   */
  announcement(queue: string): (run: Run) => void {
    const notice = JSON.stringify([this.#self, queue]);
    return (run) => void run("SELECT pg_notify($1, $2)", [CHANNEL, notice]).catch(() => undefined);
  }

  /** Hear of the commits of others; returns the stop function. */
  subscribe(changed: (queue: string) => void): () => void {
    // One function that is given twice is two listeners.
    const listener = (queue: string): void => changed(queue);
    this.#listeners.add(listener);
    this.#listen();
    return () => void this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#link?.close();
  }

  #listen(): void {
    if (this.#link) return;
    const heard = (notice: string): void => {
      const [from, queue] = JSON.parse(notice) as [string, string];
      if (from !== this.#self) this.#tell(queue);
    };
    const link = this.#connect({ heard, lost: () => later() });
    this.#link = link;
    const later = (): void => {
      clearTimeout(this.#timer);
      if (!this.#isClosed) this.#timer = setTimeout(begin, RETRY_MS);
    };
    const began = (): void => {
      for (const queue of this.#queues()) this.#tell(queue);
    };
    // Until it succeeds, those who wait look again by themselves.
    const begin = (): void => void link.ask(`LISTEN ${CHANNEL}`).then(began, later);
    begin();
  }

  #tell(queue: string): void {
    for (const listener of this.#listeners) listener(queue);
  }
}
