/**
 * {@link QueueStore} on SQLite in the origin-private file system, for a dedicated worker of a page:
 * the tables of servers, which one tab of an origin holds at a time.
 *
 * @module
 */

import { ConflictError, IntegrityError, messageOf, UnavailableError } from "../../../src/errors.ts";
import type {
  LogEntry,
  QueueStore,
  QueueWork,
  ReadHints,
  StoreFacts,
  TaskQuery,
} from "../../../src/queue/queue-store.ts";
import type { Task } from "../../../src/queue/task.ts";
import { SqliteRows } from "../../shared/queue/sqlite-rows.ts";
import { type Range, SqliteViews } from "../../shared/queue/sqlite-views.ts";
import { type OpfsDatabase, openOpfsDatabase } from "./open-opfs.ts";

/** Open the queues of this name, or create them; only in a dedicated worker. */
export async function openOpfsQueueStore(name: string): Promise<QueueStore> {
  const opened = await openOpfsDatabase(name);
  try {
    return new OpfsQueueStore(name, opened);
  } catch (error) {
    opened.close();
    throw explain(name, error);
  }
}

class OpfsQueueStore implements QueueStore {
  readonly isShared = false;
  readonly #name: string;
  readonly #opened: OpfsDatabase;
  readonly #rows: SqliteRows;
  readonly #views: SqliteViews;
  #lastCommitMs: number | undefined;
  #isClosed = false;

  constructor(name: string, opened: OpfsDatabase) {
    this.#name = name;
    this.#opened = opened;
    this.#rows = new SqliteRows(opened.database);
    this.#views = new SqliteViews(opened.database);
  }

  async transact<T>(queue: string, _hints: ReadHints, work: QueueWork<T>): Promise<T> {
    return this.#guard(() => {
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
    const isKept = await navigator.storage.persisted();
    const { durability } = this.#opened;
    return {
      durability: isKept ? durability : `${durability}; the browser may clear it for space`,
      sizeBytes: await this.#view((views) => views.sizeBytes()),
      ...(this.#lastCommitMs !== undefined && { lastCommitMs: this.#lastCommitMs }),
    };
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#opened.close();
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
      throw new UnavailableError("storage_unavailable", `The queue "${this.#name}" is closed`);
    }
    try {
      return use();
    } catch (error) {
      throw explain(this.#name, error);
    }
  }
}

/** What SQLite's errors mean for a page; what is not SQLite's is left as it is. */
function explain(name: string, cause: unknown): unknown {
  if (!(cause instanceof Error) || !("resultCode" in cause)) return cause;
  const said = messageOf(cause);
  if (/not a database|malformed|corrupt/i.test(said)) {
    const message = `The queue "${name}" of this site is damaged (${said}): clear the site's data to begin with an empty one`;
    return new IntegrityError("store_corrupt", message, { cause });
  }
  if (/locked|busy/i.test(said)) {
    const message = `The queue "${name}" is used by another tab of this site`;
    return new ConflictError("data_locked", message, { cause });
  }
  const message = `The queue "${name}" cannot be used: ${said}; the site may have no space left`;
  return new UnavailableError("storage_unavailable", message, { cause });
}
