/** Tables of the queue in PostgreSQL, version by version, in a schema of their own. @module */

import type { Sql } from "postgres";

/** Where the tables are; other programs may use the same database. */
export const SCHEMA = "mcpp_queue";

/** Servers that start at the same time bring the tables up to date one after the other. */
const LOCK = 7_301_412_604_001;

/**
 * The tables of SQLite (see `sqlite-schema.ts`) but its journal, with what several servers need: a
 * version of each queue, which every commit raises, the keeper of a lease, and the keepers that live.
 *
 * JSON is TEXT because `jsonb` refuses some strings (U+0000) that JSON allows; labels stand apart.
 */
const VERSIONS: readonly string[] = [
  `
  CREATE TABLE queues (name TEXT PRIMARY KEY, version BIGINT NOT NULL, meta TEXT NOT NULL)
    WITH (fillfactor = 50);

  CREATE TABLE tasks (
    id TEXT NOT NULL,
    queue TEXT NOT NULL,
    seq BIGINT NOT NULL,
    state TEXT NOT NULL,
    kind TEXT NOT NULL,
    caller TEXT NOT NULL,
    group_key TEXT,
    idempotency_key TEXT,
    submitted_at BIGINT NOT NULL,
    urgency INTEGER NOT NULL,
    tag DOUBLE PRECISION NOT NULL,
    line TEXT,
    keeper TEXT,
    run_at BIGINT,
    expires_at BIGINT,
    labels JSONB NOT NULL,
    spec TEXT NOT NULL,
    run TEXT NOT NULL,
    PRIMARY KEY (id, queue)
  ) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
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
    queue TEXT NOT NULL, key TEXT NOT NULL, due_at DOUBLE PRECISION, state TEXT NOT NULL,
    PRIMARY KEY (queue, key)
  );
  CREATE INDEX groups_due ON groups (queue, due_at) WHERE due_at IS NOT NULL;

  CREATE TABLE log (
    queue TEXT NOT NULL, last BIGINT NOT NULL, first BIGINT NOT NULL, cid TEXT NOT NULL,
    header BYTEA NOT NULL, events BYTEA NOT NULL,
    PRIMARY KEY (queue, last)
  );

  CREATE TABLE blobs (task TEXT PRIMARY KEY, cid TEXT NOT NULL, bytes BYTEA NOT NULL);
  CREATE INDEX blobs_cid ON blobs (cid);

  CREATE TABLE keepers (
    queue TEXT NOT NULL, keeper TEXT NOT NULL, beat BIGINT NOT NULL,
    PRIMARY KEY (queue, keeper)
  );
  `,
];

/** The version that this program writes. */
export const SCHEMA_VERSION: number = VERSIONS.length;

/** Bring the tables to this program's version; answers with the one that was found. */
export function migrate(client: Sql): Promise<number> {
  return client.begin(async (sql) => {
    await sql.unsafe(`SELECT pg_advisory_xact_lock(${LOCK})`);
    const found = await versionOf(sql);
    if (found >= SCHEMA_VERSION) return found;
    if (found === 0) {
      await sql.unsafe(`CREATE SCHEMA IF NOT EXISTS ${SCHEMA};
        CREATE TABLE ${SCHEMA}.schema_version (version INTEGER NOT NULL);
        INSERT INTO ${SCHEMA}.schema_version VALUES (0)`);
    }
    for (const statements of VERSIONS.slice(found)) await sql.unsafe(statements);
    await sql.unsafe(`UPDATE ${SCHEMA}.schema_version SET version = ${SCHEMA_VERSION}`);
    return found;
  });
}

async function versionOf(sql: Pick<Sql, "unsafe">): Promise<number> {
  const table = `${SCHEMA}.schema_version`;
  const [row] = await sql.unsafe(`SELECT to_regclass('${table}') IS NOT NULL AS is_there`);
  if (!row?.is_there) return 0;
  const [known] = await sql.unsafe(`SELECT version FROM ${table}`);
  return Number(known?.version ?? 0);
}
