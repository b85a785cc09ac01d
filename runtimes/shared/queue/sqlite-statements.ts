/** What is read from the queue's tables within transactions, each a prepared statement. @module */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Task } from "../../../src/queue/task.ts";
import { taskOf } from "./task-row.ts";

/** The statements that all queues of a database share. */
export interface ReadStatements {
  readonly meta: StatementSync;
  readonly task: StatementSync;
  readonly anyTask: StatementSync;
  readonly byKey: StatementSync;
  readonly group: StatementSync;
  readonly first: StatementSync;
  readonly after: StatementSync;
  readonly ahead: StatementSync;
  readonly due: StatementSync;
  readonly dueGroups: StatementSync;
}

/** Compile them. */
export function prepareReads(database: DatabaseSync): ReadStatements {
  const tasks = "SELECT spec, run FROM tasks WHERE";
  const line = "queue = ? AND line = ?";
  const order = "ORDER BY urgency, tag, seq LIMIT ?";
  return {
    meta: database.prepare("SELECT meta FROM queues WHERE name = ?"),
    task: database.prepare(`${tasks} id = ? AND queue = ?`),
    anyTask: database.prepare(`${tasks} queue IN (SELECT name FROM queues) AND id = ?`),
    byKey: database.prepare(`${tasks} queue = ? AND idempotency_key = ?`),
    group: database.prepare("SELECT state FROM groups WHERE queue = ? AND key = ?"),
    first: database.prepare(`${tasks} ${line} ${order}`),
    after: database.prepare(`${tasks} ${line} AND (urgency, tag, seq) > (?, ?, ?) ${order}`),
    ahead: database.prepare(
      `SELECT count(*) AS count FROM (SELECT 1 FROM tasks
         WHERE ${line} AND (urgency, tag, seq) < (?, ?, ?) LIMIT ?)`,
    ),
    due: database.prepare(`${tasks} queue = ? AND run_at <= ? ORDER BY run_at, seq LIMIT ?`),
    dueGroups: database.prepare(
      "SELECT state FROM groups WHERE queue = ? AND due_at <= ? ORDER BY due_at LIMIT ?",
    ),
  };
}

type Row = Readonly<Record<string, unknown>>;

/** Tasks of rows with the columns `spec` and `run`. */
export function tasksOf(rows: readonly Row[]): readonly Task[] {
  return rows.map(({ spec, run }) => taskOf(String(spec), String(run)));
}

/** The task of a row, where there is one. */
export function taskIn(row: Row | undefined): Task | undefined {
  return row && taskOf(String(row.spec), String(row.run));
}
