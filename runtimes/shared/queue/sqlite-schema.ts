/** Tables of the queue in SQLite, version by version. @module */

import type { DatabaseSync } from "node:sqlite";

/**
 * A commit is one row of `journal`: whole tasks as they are after it. Many at once are folded into
 * the tables then, so that a task which came and went in the meantime is written once.
 *
 * Columns stand beside `spec` and `run` for what is searched by; those that only some tasks have
 * are NULL in the rest, which keeps them out of the partial indexes.
 */
const VERSIONS: readonly string[] = [
  `
  CREATE TABLE journal (
    number INTEGER PRIMARY KEY,
    queue TEXT NOT NULL,
    meta TEXT NOT NULL,
    tasks TEXT NOT NULL,
    removed TEXT,
    groups TEXT,
    first INTEGER, last INTEGER, cid TEXT, header BLOB, events BLOB
  ) STRICT;

  CREATE TABLE queues (name TEXT PRIMARY KEY, meta TEXT NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE tasks (
    id TEXT NOT NULL,
    queue TEXT NOT NULL,
    seq INTEGER NOT NULL,
    state TEXT NOT NULL,
    kind TEXT NOT NULL,
    caller TEXT NOT NULL,
    group_key TEXT,
    idempotency_key TEXT,
    submitted_at INTEGER NOT NULL,
    urgency INTEGER NOT NULL,
    tag REAL NOT NULL,
    line TEXT,
    run_at INTEGER,
    expires_at INTEGER,
    spec TEXT NOT NULL,
    run TEXT NOT NULL,
    PRIMARY KEY (queue, id)
  ) STRICT;
  CREATE UNIQUE INDEX tasks_seq ON tasks (queue, seq);
  CREATE UNIQUE INDEX tasks_key ON tasks (queue, idempotency_key) WHERE idempotency_key IS NOT NULL;
  CREATE INDEX tasks_waiting ON tasks (queue, line, urgency, tag, seq) WHERE line IS NOT NULL;
  CREATE INDEX tasks_due ON tasks (queue, run_at) WHERE run_at IS NOT NULL;
  CREATE INDEX tasks_leased ON tasks (queue, seq) WHERE state = 'leased';
  CREATE INDEX tasks_ended_badly ON tasks (queue, state, seq)
    WHERE state IN ('failed', 'cancelled', 'dead');
  CREATE INDEX tasks_group ON tasks (queue, group_key, seq) WHERE group_key IS NOT NULL;
  CREATE INDEX tasks_expiring ON tasks (queue, expires_at) WHERE expires_at IS NOT NULL;

  CREATE TABLE groups (
    queue TEXT NOT NULL, key TEXT NOT NULL, due_at REAL, state TEXT NOT NULL,
    PRIMARY KEY (queue, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX groups_due ON groups (queue, due_at) WHERE due_at IS NOT NULL;

  CREATE TABLE log (
    queue TEXT NOT NULL, last INTEGER NOT NULL, first INTEGER NOT NULL, cid TEXT NOT NULL,
    header BLOB NOT NULL, events BLOB NOT NULL,
    PRIMARY KEY (queue, last)
  ) STRICT;

  CREATE TABLE blobs (task TEXT PRIMARY KEY, cid TEXT NOT NULL, bytes BLOB NOT NULL) STRICT;
  CREATE INDEX blobs_cid ON blobs (cid);
  `,
];

/** The version that this program writes. */
export const SCHEMA_VERSION: number = VERSIONS.length;

/** Bring the tables to this program's version; `undefined` where they are of a later one. */
export function migrate(database: DatabaseSync): number | undefined {
  const row = database.prepare("PRAGMA user_version").get();
  const found = Number(row?.user_version ?? 0);
  if (found > SCHEMA_VERSION) return undefined;
  for (const [at, statements] of VERSIONS.entries()) {
    if (at < found) continue;
    database.exec(`BEGIN IMMEDIATE; ${statements} PRAGMA user_version = ${at + 1}; COMMIT`);
  }
  return found;
}
