/**
 * {@link QueueStore} on `node:sqlite`, which Node, Bun and Deno all have.
 *
 * One process holds the file (locking mode EXCLUSIVE), because two writers starve each other; a
 * second one is told who has it. What `transact` resolved for has been fsynced.
 *
 * @module
 */

import { hash } from "node:crypto";
import { performance } from "node:perf_hooks";
import type { DatabaseSync } from "node:sqlite";
import { UnavailableError } from "../../../src/errors.ts";
import type { Digest } from "../../../src/ipld/block.ts";
import type {
  LogEntry,
  QueueStore,
  QueueWork,
  ReadHints,
  StoreFacts,
  TaskQuery,
} from "../../../src/queue/queue-store.ts";
import type { Task } from "../../../src/queue/task.ts";
import { openQueueDatabase } from "./open-sqlite.ts";
import { announceOwner, forgetOwner, type QueueOwner } from "./queue-owner.ts";
import { explain } from "./sqlite-errors.ts";
import { SqliteRows } from "./sqlite-rows.ts";
import { type Range, SqliteViews } from "./sqlite-views.ts";

/** Open the queues in the file at `path`, or create it together with the folders above. */
export async function openSqliteQueueStore(path: string): Promise<SqliteQueueStore> {
  return new SqliteQueueStore(openQueueDatabase(path), path);
}

/** See {@link openSqliteQueueStore}. */
export class SqliteQueueStore implements QueueStore {
  readonly isShared = false;
  readonly digest: Digest = (bytes) => hash("sha256", bytes, "buffer");
  readonly #database: DatabaseSync;
  readonly #path: string;
  readonly #rows: SqliteRows;
  readonly #views: SqliteViews;
  #lastCommitMs: number | undefined;
  #isClosed = false;

  constructor(database: DatabaseSync, path: string) {
    this.#database = database;
    this.#path = path;
    this.#rows = new SqliteRows(database);
    this.#views = new SqliteViews(database);
    announceOwner(path);
  }

  /** Tell other processes where this one can be asked. */
  announce(about: Pick<QueueOwner, "address" | "token">): void {
    announceOwner(this.#path, about);
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
  log(queue: string, range: Range): Promise<readonly LogEntry[]> {
    return this.#view((views) => views.log(queue, range));
  }
  blob(cid: string): Promise<Uint8Array | undefined> {
    return this.#view((views) => views.blob(cid));
  }

  async facts(): Promise<StoreFacts> {
    return {
      durability: "sqlite: WAL, synchronous=FULL, group commit",
      sizeBytes: await this.#view((views) => views.sizeBytes()),
      ...(this.#lastCommitMs !== undefined && { lastCommitMs: this.#lastCommitMs }),
    };
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#database.close();
    forgetOwner(this.#path);
  }

  /** What is asked of the tables is asked of tables that are up to date. */
  async #view<T>(look: (views: SqliteViews) => T): Promise<T> {
    return this.#guard(() => {
      this.#rows.fold();
      return look(this.#views);
    });
  }

  #guard<T>(use: () => T): T {
    if (this.#isClosed) {
      throw new UnavailableError("storage_unavailable", `The queue in ${this.#path} is closed`);
    }
    try {
      return use();
    } catch (error) {
      throw explain(this.#path, error);
    }
  }
}
