/** Reads of the queues in PostgreSQL outside of transactions: lists, and what people ask for. @module */

import { decode } from "@ipld/dag-cbor";
import type { LogEntry, StoreFacts, TaskQuery } from "../../../src/queue/queue-store.ts";
import type { Task } from "../../../src/queue/task.ts";
import { listTasks } from "./list-tasks.ts";
import { SCHEMA } from "./postgres-schema.ts";
import { plain, type Row, type Value } from "./postgres-sql.ts";
import { taskOf, urgencyOf } from "./task-row.ts";

/** Runs a statement on whatever connection is free. */
export type Ask = (text: string, ...values: readonly Value[]) => Promise<readonly Row[]>;

/** What a queue store tells of all that is committed. */
export class PostgresViews {
  readonly #ask: Ask;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  async queues(): Promise<readonly string[]> {
    const rows = await this.#ask('SELECT name FROM queues ORDER BY name COLLATE "C"');
    return rows.map(({ name }) => String(name));
  }

  async task(id: string): Promise<Task | undefined> {
    return tasksOf(await this.#ask("SELECT spec, run FROM tasks WHERE id = $1", plain(id)))[0];
  }

  async list(query: TaskQuery): Promise<readonly Task[]> {
    const { where, values } = listTasks(query, (n) => `$${n}`, labelSql);
    const sql = `SELECT spec, run FROM tasks WHERE ${where} ORDER BY seq DESC LIMIT ${query.limit}`;
    const searched = values.map((value) => (typeof value === "string" ? plain(value) : value));
    return tasksOf(await this.#ask(sql, ...searched));
  }

  async leased(queue: string): Promise<readonly Task[]> {
    const sql = "SELECT spec, run FROM tasks WHERE queue = $1 AND state = 'leased' ORDER BY seq";
    return tasksOf(await this.#ask(sql, plain(queue)));
  }

  async nextDue(queue: string): Promise<number | undefined> {
    const sql = `SELECT min(at) AS at FROM (
      SELECT min(run_at) AS at FROM tasks WHERE queue = $1 AND run_at IS NOT NULL
      UNION ALL SELECT min(due_at) FROM groups WHERE queue = $1 AND due_at IS NOT NULL) AS times`;
    const [row] = await this.#ask(sql, plain(queue));
    return typeof row?.at === "number" ? row.at : undefined;
  }

  async ahead({ spec, priority, tag, seq }: Task, limit: number): Promise<number> {
    const sql = `SELECT count(*) AS count FROM (
      SELECT 1 FROM tasks WHERE queue = $1 AND line LIKE '[%'
        AND (urgency, tag, seq) < ($2, $3, $4) LIMIT $5) AS before`;
    const urgency = urgencyOf({ priority });
    const [row] = await this.#ask(sql, plain(spec.queue), urgency, tag, seq, limit);
    return Number(row?.count ?? 0);
  }

  async expired(queue: string, now: number, limit: number): Promise<readonly string[]> {
    const sql = `SELECT spec FROM tasks
      WHERE queue = $1 AND expires_at <= $2 ORDER BY expires_at LIMIT $3`;
    const rows = await this.#ask(sql, plain(queue), now, limit);
    return rows.map(({ spec }) => taskOf(String(spec), "{}").spec.id);
  }

  async log(
    queue: string,
    { from, to }: { readonly from: number; readonly to: number },
  ): Promise<readonly LogEntry[]> {
    const sql = `SELECT first, last, cid, header, events FROM log
      WHERE queue = $1 AND last >= $2 AND first <= $3 ORDER BY last`;
    const rows = await this.#ask(sql, plain(queue), from, to);
    return rows.map(({ first, last, cid, header, events }) => ({
      ...{ first: Number(first), last: Number(last), cid: String(cid), header: bytesOf(header) },
      events: decode<Uint8Array[]>(bytesOf(events)),
    }));
  }

  async blob(cid: string): Promise<Uint8Array | undefined> {
    const [row] = await this.#ask("SELECT bytes FROM blobs WHERE cid = $1 LIMIT 1", cid);
    return row && bytesOf(row.bytes);
  }

  async facts(): Promise<StoreFacts> {
    const sql = `SELECT current_setting('server_version') AS version,
      current_setting('synchronous_commit') AS commit, current_setting('fsync') AS fsync,
      (SELECT sum(pg_total_relation_size(oid))::int8 FROM pg_class
       WHERE relnamespace = '${SCHEMA}'::regnamespace AND relkind = 'r') AS bytes`;
    const [row] = await this.#ask(sql);
    const set = `synchronous_commit=${row?.commit}, fsync=${row?.fsync}`;
    return {
      durability: `postgresql ${row?.version}: ${set}, group commit`,
      sizeBytes: Number(row?.bytes ?? 0),
    };
  }
}

function labelSql(name: string, value: string | undefined): string {
  return value === undefined ? `labels ? ${name}` : `labels ->> ${name} = ${value}`;
}

function tasksOf(rows: readonly Row[]): readonly Task[] {
  return rows.map(({ spec, run }) => taskOf(String(spec), String(run)));
}

/** A column of bytes without what the host's buffers add. */
function bytesOf(value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array)) return new Uint8Array();
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}
