/**
 * {@link QueueStore} on PostgreSQL, which several servers may share.
 *
 * Each queue has one connection for its transactions, since they come one after the other anyway;
 * a few more answer what is asked beside them.
 *
 * @module
 */

import { hash } from "node:crypto";
import { performance } from "node:perf_hooks";
import type { Digest } from "../../../src/ipld/block.ts";
import type {
  KeeperTable,
  LogEntry,
  QueueStore,
  QueueWork,
  ReadHints,
  StoreFacts,
  TaskQuery,
} from "../../../src/queue/queue-store.ts";
import type { Task } from "../../../src/queue/task.ts";
import { type Connect, openPostgres } from "./postgres-client.ts";
import {
  explain,
  laterVersion,
  type PostgresPlace,
  placeOf,
  unavailable,
} from "./postgres-errors.ts";
import { createKeeperTable } from "./postgres-keepers.ts";
import { Lookups } from "./postgres-lookups.ts";
import { Notices } from "./postgres-notices.ts";
import { migrate, SCHEMA_VERSION } from "./postgres-schema.ts";
import { PostgresTransactions } from "./postgres-transactions.ts";
import { type Ask, PostgresViews } from "./postgres-views.ts";

/** Open the queues in the database that `url` names; its tables are made where there are none. */
export async function openPostgresQueueStore(url: string): Promise<QueueStore> {
  const place = placeOf(url);
  const connect = await openPostgres(url);
  const first = connect();
  try {
    const found = await migrate(await first.open());
    if (found > SCHEMA_VERSION) throw laterVersion(place, found);
    return new PostgresQueueStore(place, connect);
  } catch (error) {
    throw explain(place, error);
  } finally {
    await first.close();
  }
}

class PostgresQueueStore implements QueueStore {
  readonly isShared = true;
  readonly keepers: KeeperTable;
  readonly digest: Digest = (bytes) => hash("sha256", bytes, "buffer");
  readonly #place: PostgresPlace;
  readonly #connect: Connect;
  readonly #lookups: Lookups;
  readonly #notices: Notices;
  readonly #views: PostgresViews;
  readonly #queues = new Map<string, PostgresTransactions>();
  #lastCommitMs: number | undefined;
  #isClosed = false;

  constructor(place: PostgresPlace, connect: Connect) {
    this.#place = place;
    this.#connect = connect;
    this.#lookups = new Lookups(connect);
    this.#notices = new Notices(connect, () => this.#queues.keys());
    const ask: Ask = (text, ...values) => this.#guard(() => this.#lookups.ask(text, values));
    this.#views = new PostgresViews(ask);
    this.keepers = createKeeperTable(ask);
  }

  transact<T>(queue: string, hints: ReadHints, work: QueueWork<T>): Promise<T> {
    return this.#guard(async () => {
      const startedAt = performance.now();
      const answer = await this.#transactions(queue).transact(hints, work);
      this.#lastCommitMs = performance.now() - startedAt;
      return answer;
    });
  }

  queues(): Promise<readonly string[]> {
    return this.#views.queues();
  }
  task(id: string): Promise<Task | undefined> {
    return this.#views.task(id);
  }
  list(query: TaskQuery): Promise<readonly Task[]> {
    return this.#views.list(query);
  }
  leased(queue: string): Promise<readonly Task[]> {
    return this.#views.leased(queue);
  }
  nextDue(queue: string): Promise<number | undefined> {
    return this.#views.nextDue(queue);
  }
  ahead(task: Task, limit: number): Promise<number> {
    return this.#views.ahead(task, limit);
  }
  expired(queue: string, now: number, limit: number): Promise<readonly string[]> {
    return this.#views.expired(queue, now, limit);
  }
  log(queue: string, range: Parameters<QueueStore["log"]>[1]): Promise<readonly LogEntry[]> {
    return this.#views.log(queue, range);
  }
  blob(cid: string): Promise<Uint8Array | undefined> {
    return this.#views.blob(cid);
  }

  async facts(): Promise<StoreFacts> {
    const timed = this.#lastCommitMs !== undefined && { lastCommitMs: this.#lastCommitMs };
    return { ...(await this.#views.facts()), ...timed };
  }

  subscribe(changed: (queue: string) => void): () => void {
    return this.#notices.subscribe(changed);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const parts = [...this.#queues.values(), this.#lookups, this.#notices];
    await Promise.all(parts.map((part) => part.close()));
  }

  #transactions(queue: string): PostgresTransactions {
    const known = this.#queues.get(queue);
    if (known) return known;
    const announce = this.#notices.announcement(queue);
    const link = this.#connect({ isForTransactions: true });
    const made = new PostgresTransactions({ queue, link, announce });
    this.#queues.set(queue, made);
    return made;
  }

  async #guard<T>(use: () => Promise<T>): Promise<T> {
    if (this.#isClosed) throw unavailable(this.#place, "it was closed");
    try {
      return await use();
    } catch (error) {
      throw explain(this.#place, error);
    }
  }
}
