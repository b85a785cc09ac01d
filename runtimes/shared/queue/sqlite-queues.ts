/**
 * What every {@link QueueStore} on SQLite does, whichever SQLite it is and wherever the file lies.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";
import type {
  LogEntry,
  QueueStore,
  QueueWork,
  ReadHints,
  StoreFacts,
  TaskQuery,
} from "../../../src/queue/queue-store.ts";
import type { Task } from "../../../src/queue/task.ts";
import { SqliteRows } from "./sqlite-rows.ts";
import { type Range, SqliteViews } from "./sqlite-views.ts";

/** Where the file is, and what is peculiar to that place. */
export interface SqlitePlace {
  readonly database: DatabaseSync;
  /** What makes a commit durable there. */
  durability(): Promise<string>;
  /** An error of SQLite's as one of ours; any other as it is. */
  explain(cause: unknown): unknown;
  /** What a caller is told that comes after the end. */
  closed(): Error;
  /** Close the database, and let others have it. */
  release(): void;
}

/** The queues in one file, which one process holds. */
export class SqliteQueues implements QueueStore {
  readonly isShared = false;
  readonly #place: SqlitePlace;
  readonly #rows: SqliteRows;
  readonly #views: SqliteViews;
  #lastCommitMs: number | undefined;
  #isClosed = false;

  constructor(place: SqlitePlace) {
    this.#place = place;
    this.#rows = new SqliteRows(place.database);
    this.#views = new SqliteViews(place.database);
  }

  async transact<T>(queue: string, _hints: ReadHints, work: QueueWork<T>): Promise<T> {
    return this.#guard(() => {
      // Reads need no transaction of their own: nobody else writes.
      const { answer, changes } = work(this.#rows.reader(queue));
      if (!changes) return answer;
      const startedAt = performance.now();
      this.#rows.commit(changes);
      this.#lastCommitMs = performance.now() - startedAt;
      return answer;
    });
  }

  async task(id: string): Promise<Task | undefined> {
    return this.#guard(() => this.#rows.task(id));
  }
  async ahead(task: Task, limit: number): Promise<number> {
    return this.#guard(() => this.#rows.reader(task.spec.queue).ahead(task, limit));
  }
  queues(): Promise<readonly string[]> {
    return this.#view((views) => views.queues());
  }
  list(query: TaskQuery): Promise<readonly Task[]> {
    return this.#view((views) => views.list(query));
  }
  leased(queue: string): Promise<readonly Task[]> {
    return this.#view((views) => views.leased(queue));
  }
  nextDue(queue: string): Promise<number | undefined> {
    return this.#view((views) => views.nextDue(queue));
  }
  expired(queue: string, now: number, limit: number): Promise<readonly string[]> {
    return this.#view((views) => views.expired(queue, now, limit));
  }
  async log(queue: string, range: Range): Promise<readonly LogEntry[]> {
    // Asked for often, and no reason to write.
    return this.#guard(() => this.#views.log(queue, range));
  }
  blob(cid: string): Promise<Uint8Array | undefined> {
    return this.#view((views) => views.blob(cid));
  }

  async facts(): Promise<StoreFacts> {
    return {
      durability: await this.#place.durability(),
      sizeBytes: await this.#view((views) => views.sizeBytes()),
      ...(this.#lastCommitMs !== undefined && { lastCommitMs: this.#lastCommitMs }),
    };
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#place.release();
  }

  /** What is asked of the tables is asked of tables that are up to date. */
  async #view<T>(look: (views: SqliteViews) => T): Promise<T> {
    return this.#guard(() => {
      this.#rows.fold();
      return look(this.#views);
    });
  }

  #guard<T>(use: () => T): T {
    if (this.#isClosed) throw this.#place.closed();
    try {
      return use();
    } catch (error) {
      throw this.#place.explain(error);
    }
  }
}
