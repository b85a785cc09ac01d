/** Opening a queue's SQLite file: alone, durable, whole, and of a known version. @module */

import { mkdirSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { UnavailableError } from "../../../src/errors.ts";
import { corrupt, explain } from "./sqlite-errors.ts";
import { migrate, SCHEMA_VERSION } from "./sqlite-schema.ts";

/** Older ones can lose commits of WAL databases or corrupt them (https://sqlite.org/wal.html#walresetbug). */
const OLDEST_SQLITE = [3, 51, 3] as const;
/** A write-ahead log of so many pages is folded into the database file. */
const WAL_PAGES = 1_024;
const PAGE_BYTES = 4_096;
/** On a disk with less room, none is taken before it is needed. */
const PLENTY_BYTES = 256 * 1024 * 1024;

/** Negative: KiB and not pages. */
const CACHE = -16_384;

/** Open the file at `path`, or create it together with the folders above. */
export function openQueueDatabase(path: string): DatabaseSync {
  mkdirSync(dirname(path), { recursive: true });
  const database = new DatabaseSync(path);
  try {
    checkVersion(database);
    database.exec(`
      PRAGMA locking_mode = EXCLUSIVE;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA wal_autocheckpoint = ${WAL_PAGES};
      PRAGMA journal_size_limit = ${64 * 1024 * 1024};
      PRAGMA cache_size = ${CACHE};
      BEGIN EXCLUSIVE; COMMIT;
    `);
    checkIntegrity(database, path);
    const found = migrate(database);
    if (found === undefined) throw laterVersion(database, path);
    lengthenWal(database, path);
    return database;
  } catch (error) {
    database.close();
    throw explain(path, error);
  }
}

/**
 * Take room for the write-ahead log before it is needed: a commit that makes the file longer waits
 * for the file system's own journal, too (0.24 ms instead of 0.10 on ext4). What spills from a small
 * cache is written there, and what is rolled back may be overwritten.
 */
function lengthenWal(database: DatabaseSync, path: string): void {
  const { bavail, bsize } = statfsSync(dirname(path));
  if (bavail * bsize < PLENTY_BYTES) return;
  try {
    database.exec(`
      PRAGMA cache_size = 16;
      BEGIN IMMEDIATE;
      CREATE TABLE room (bytes BLOB);
      INSERT INTO room VALUES (zeroblob(${WAL_PAGES * PAGE_BYTES}));
    `);
  } catch {
    // Files may be limited to less: then the log is as long as it can be.
  }
  if (database.isTransaction) database.exec("ROLLBACK");
  database.exec(`PRAGMA cache_size = ${CACHE}`);
}

function checkVersion(database: DatabaseSync): void {
  const { version } = database.prepare("SELECT sqlite_version() AS version").get() ?? {};
  const parts = String(version).split(".").map(Number);
  const older = OLDEST_SQLITE.map((part, at) => (parts[at] ?? 0) - part).find((by) => by !== 0);
  if (older === undefined || older > 0) return;
  throw new UnavailableError(
    "storage_unavailable",
    `This host embeds SQLite ${version}; the queue needs ${OLDEST_SQLITE.join(".")} or later, which Node 24, Bun 1.4 and Deno 2.9 have`,
  );
}

/** What a crash may have left is SQLite's to repair; what it cannot repair must not be built upon. */
function checkIntegrity(database: DatabaseSync, path: string): void {
  const row = database.prepare("PRAGMA quick_check(1)").get();
  if (row?.quick_check === "ok") return;
  throw corrupt(path, String(row?.quick_check));
}

function laterVersion(database: DatabaseSync, path: string): UnavailableError {
  const { user_version: found } = database.prepare("PRAGMA user_version").get() ?? {};
  return new UnavailableError(
    "storage_unavailable",
    `The queue in ${path} was written by a later version of this program (tables ${found}, known here ${SCHEMA_VERSION}): update, or choose another dataDir`,
  );
}
