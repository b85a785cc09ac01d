/** Reads of the queues in SQLite outside of transactions: lists, and what people ask for. @module */

import type { DatabaseSync } from "node:sqlite";
import { decode } from "@ipld/dag-cbor";
import type { LogEntry, TaskQuery } from "../../../src/queue/queue-store.ts";
import type { Task } from "../../../src/queue/task.ts";
import { listTasks } from "./list-tasks.ts";
import { tasksOf } from "./sqlite-statements.ts";

/** Numbers of events, both included. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** What a queue store tells of all that is committed. */
export class SqliteViews {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  queues(): readonly string[] {
    const rows = this.#all("SELECT name FROM queues ORDER BY name");
    return rows.map(({ name }) => String(name));
  }

  list(query: TaskQuery): readonly Task[] {
    const { where, values } = listTasks(query, () => "?");
    const sql = `SELECT spec, run FROM tasks WHERE ${where} ORDER BY seq DESC LIMIT ?`;
    return tasksOf(this.#all(sql, ...values, query.limit));
  }

  leased(queue: string): readonly Task[] {
    const sql = "SELECT spec, run FROM tasks WHERE queue = ? AND state = 'leased' ORDER BY seq";
    return tasksOf(this.#all(sql, queue));
  }

  nextDue(queue: string): number | undefined {
    const sql = `SELECT min(at) AS at FROM (
      SELECT min(run_at) AS at FROM tasks WHERE queue = ?1 AND run_at IS NOT NULL
      UNION ALL SELECT min(due_at) FROM groups WHERE queue = ?1 AND due_at IS NOT NULL)`;
    const at = this.#all(sql, queue)[0]?.at;
    return typeof at === "number" ? at : undefined;
  }

  expired(queue: string, now: number, limit: number): readonly string[] {
    const sql =
      "SELECT id FROM tasks WHERE queue = ? AND expires_at <= ? ORDER BY expires_at LIMIT ?";
    return this.#all(sql, queue, now, limit).map(({ id }) => String(id));
  }

  /** Of commits that are in the tables, and of those that are only in the journal. */
  log(queue: string, { from, to }: Range): readonly LogEntry[] {
    const part = (table: string): string => `SELECT first, last, cid, header, events FROM ${table}
      WHERE queue = ? AND last >= ? AND first <= ?`;
    const sql = `${part("log")} UNION ALL ${part("journal")} ORDER BY last`;
    return this.#all(sql, queue, from, to, queue, from, to).map(
      ({ first, last, cid, header, events }) => ({
        first: Number(first),
        last: Number(last),
        cid: String(cid),
        header: bytesOf(header),
        events: decode<Uint8Array[]>(bytesOf(events)),
      }),
    );
  }

  blob(cid: string): Uint8Array | undefined {
    const row = this.#all("SELECT bytes FROM blobs WHERE cid = ? LIMIT 1", cid)[0];
    return row && bytesOf(row.bytes);
  }

  sizeBytes(): number {
    const sql =
      "SELECT page_count * page_size AS bytes FROM pragma_page_count(), pragma_page_size()";
    return Number(this.#all(sql)[0]?.bytes ?? 0);
  }

  #all(
    sql: string,
    ...values: readonly (string | number | null)[]
  ): readonly Readonly<Record<string, unknown>>[] {
    return this.#database.prepare(sql).all(...values);
  }
}

/** A blob column as plain bytes, whatever subclass the host hands out. */
function bytesOf(value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array)) return new Uint8Array();
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}
