/** Folds what was committed to the journal into the tables. @module */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { dueAt } from "../../../src/queue/groups.ts";
import type { Task } from "../../../src/queue/task.ts";
import type { Recent, RecentTask } from "./sqlite-recent.ts";
import { columnsOf } from "./task-row.ts";

/** Writes within the transaction that is open. */
export class SqliteWriter {
  readonly #insert: StatementSync;
  readonly #update: StatementSync;
  readonly #remove: StatementSync;
  readonly #meta: StatementSync;
  readonly #group: StatementSync;
  readonly #forgetGroup: StatementSync;
  readonly #forgetBlob: StatementSync;
  readonly #log: StatementSync;
  readonly #clear: StatementSync;

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare(
      `INSERT INTO tasks (id, queue, seq, kind, caller, group_key, idempotency_key, submitted_at,
         spec, state, urgency, tag, line, run_at, expires_at, run)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#update = database.prepare(
      `UPDATE tasks SET state = ?, urgency = ?, tag = ?, line = ?, run_at = ?, expires_at = ?,
         run = ? WHERE queue = ? AND id = ?`,
    );
    this.#remove = database.prepare("DELETE FROM tasks WHERE queue = ? AND id = ?");
    this.#meta = database.prepare("INSERT OR REPLACE INTO queues (name, meta) VALUES (?, ?)");
    this.#group = database.prepare(
      "INSERT OR REPLACE INTO groups (queue, key, due_at, state) VALUES (?, ?, ?, ?)",
    );
    this.#forgetGroup = database.prepare("DELETE FROM groups WHERE queue = ? AND key = ?");
    this.#forgetBlob = database.prepare("DELETE FROM blobs WHERE task = ?");
    this.#log = database.prepare(
      `INSERT INTO log (queue, last, first, cid, header, events)
       SELECT queue, last, first, cid, header, events FROM journal WHERE header IS NOT NULL`,
    );
    this.#clear = database.prepare("DELETE FROM journal");
  }

  /** All queues at once: the journal is theirs together. */
  fold(queues: Iterable<readonly [name: string, recent: Recent]>): void {
    for (const [name, recent] of queues) this.#foldOne(name, recent);
    this.#log.run();
    this.#clear.run();
  }

  #foldOne(queue: string, { meta, tasks, removed, groups }: Recent): void {
    // First, because a task that comes later may have the key of one that went.
    for (const id of removed) {
      this.#remove.run(queue, id);
      this.#forgetBlob.run(id);
    }
    for (const recent of tasks.values()) {
      if (recent.stored) this.#change(recent);
      else this.#add(recent);
    }
    for (const [key, group] of groups) {
      if (group) this.#group.run(queue, key, dueAt(group) ?? null, JSON.stringify(group));
      else this.#forgetGroup.run(queue, key);
    }
    if (meta) this.#meta.run(queue, JSON.stringify(meta));
  }

  #add({ task, run }: RecentTask): void {
    const { spec, seq } = task;
    const { id, queue, kind, caller, groupKey, idempotencyKey, submittedAt } = spec;
    const { state, urgency, tag, line, runAt, expiresAt } = columnsOf(task);
    this.#insert.run(
      ...[id, queue, seq, kind, caller.id, groupKey ?? null, idempotencyKey ?? null, submittedAt],
      ...[JSON.stringify(spec), state, urgency, tag, line, runAt, expiresAt, run],
    );
  }

  #change({ task, run }: RecentTask): void {
    const { state, urgency, tag, line, runAt, expiresAt } = columnsOf(task);
    const { queue, id } = task.spec;
    this.#update.run(state, urgency, tag, line, runAt, expiresAt, run, queue, id);
  }
}

/** Keeps large results beside their tasks. */
export function prepareBlobs(
  database: DatabaseSync,
): (task: Task["spec"]["id"], cid: string, bytes: Uint8Array) => void {
  const insert = database.prepare(
    "INSERT OR REPLACE INTO blobs (task, cid, bytes) VALUES (?, ?, ?)",
  );
  return (task, cid, bytes) => void insert.run(task, cid, bytes);
}
