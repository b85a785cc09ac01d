/** Opening a queue's SQLite file: alone, durable, whole, and of a known version. @module */

import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { UnavailableError } from "../../../src/errors.ts";
import { corrupt, explain } from "./sqlite-errors.ts";
import { migrate, SCHEMA_VERSION } from "./sqlite-schema.ts";

/** Older ones can lose commits of WAL databases or corrupt them (https://sqlite.org/wal.html#walresetbug). */
const OLDEST_SQLITE = [3, 51, 3] as const;
/** A write-ahead log that is longer is folded into the database file. */
const MAX_WAL_PAGES = 16_384;

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
      PRAGMA wal_autocheckpoint = ${MAX_WAL_PAGES / 16};
      PRAGMA journal_size_limit = ${64 * 1024 * 1024};
      PRAGMA cache_size = -16384;
      BEGIN EXCLUSIVE; COMMIT;
    `);
    checkIntegrity(database, path);
    const found = migrate(database);
    if (found === undefined) throw laterVersion(database, path);
    return database;
  } catch (error) {
    database.close();
    throw explain(path, error);
  }
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
