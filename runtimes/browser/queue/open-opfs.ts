/**
 * Opening a queue's SQLite file in the origin-private file system of a browser.
 *
 * The VFS `opfs-sahpool` takes its files for itself alone, so that one tab of an origin has the
 * queue; it has no shared memory, so that WAL wants the locking mode EXCLUSIVE, which it has anyway.
 * Files that can be read at once are for dedicated workers only.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";
import type { SAHPoolUtil, Sqlite3Static } from "@sqlite.org/sqlite-wasm";
import { ConflictError, messageOf, UnavailableError } from "../../../src/errors.ts";
import { migrate } from "../../shared/queue/sqlite-schema.ts";
import { wasmDatabase } from "./wasm-database.ts";

/** An open file. */
export interface OpfsDatabase {
  readonly database: DatabaseSync;
  /** What makes a commit durable here. */
  readonly durability: string;
  close(): void;
}

/** A page that is loaded again meets its own worker of before, which ends within this time. */
const PREDECESSOR_MS = 5_000;

const FILE = "/queue.db";

/** Open the queues of this name, or create them. */
export async function openOpfsDatabase(name: string): Promise<OpfsDatabase> {
  const release = await lock(name);
  let pool: SAHPoolUtil | undefined;
  try {
    const sqlite = await loadSqlite();
    pool = await openPool(sqlite, name);
    return open(sqlite, pool, name, release);
  } catch (error) {
    pool?.pauseVfs();
    release();
    throw error;
  }
}

function open(
  sqlite: Sqlite3Static,
  pool: SAHPoolUtil,
  name: string,
  release: () => void,
): OpfsDatabase {
  const database = wasmDatabase(sqlite, new pool.OpfsSAHPoolDb(FILE));
  try {
    database.exec(`
      PRAGMA locking_mode = EXCLUSIVE;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA cache_size = -4096;
      BEGIN EXCLUSIVE; COMMIT;
    `);
    if (migrate(database) === undefined) throw laterVersion(name);
    const { journal_mode: mode } = database.prepare("PRAGMA journal_mode").get() ?? {};
    return {
      database,
      durability: `sqlite on OPFS: ${mode === "wal" ? "WAL" : mode}, synchronous=FULL, group commit`,
      close() {
        database.close();
        // Gives the files to whoever opens them next.
        pool.pauseVfs();
        release();
      },
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

let loading: Promise<Sqlite3Static> | undefined;

function loadSqlite(): Promise<Sqlite3Static> {
  loading ??= (async () => {
    // The other VFS on OPFS wants headers that few sites send, and says so on the console.
    const disable = { vfs: { opfs: true, "opfs-vfs": true, "opfs-wl": true, kvvfs: true } };
    Object.assign(globalThis, { sqlite3ApiConfig: { disable } });
    const { default: init } = await import("@sqlite.org/sqlite-wasm");
    return init();
  })();
  return loading;
}

async function openPool(sqlite: Sqlite3Static, name: string): Promise<SAHPoolUtil> {
  try {
    const pool = await sqlite.installOpfsSAHPoolVfs({
      name: `mcplusplus-${name}`,
      directory: `.mcplusplus-queue/${name}`,
    });
    return pool.isPaused() ? await pool.unpauseVfs() : pool;
  } catch (cause) {
    throw new UnavailableError(
      "storage_unavailable",
      `The browser gives no files for the queue "${name}": ${messageOf(cause)}; it needs a dedicated worker of a page that is no private window`,
      { cause },
    );
  }
}

/** The function that gives the queue to the next tab. */
async function lock(name: string): Promise<() => void> {
  const { promise, resolve, reject } = Promise.withResolvers<() => void>();
  const signal = AbortSignal.timeout(PREDECESSOR_MS);
  const held = (): Promise<void> => new Promise((release) => resolve(release));
  navigator.locks.request(`mcplusplus-queue/${name}`, { signal }, held).catch((cause: unknown) => {
    const message = `Another tab of this site has the queue "${name}": close it, or use another name`;
    reject(new ConflictError("data_locked", message, { cause, data: { queue: name } }));
  });
  return promise;
}

function laterVersion(name: string): UnavailableError {
  return new UnavailableError(
    "storage_unavailable",
    `The queue "${name}" was written by a later version of this program: load the page again`,
  );
}
