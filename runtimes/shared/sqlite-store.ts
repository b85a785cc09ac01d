/** {@link Store} on `node:sqlite`, which Node, Bun and Deno all have. @module */

import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { ConflictError, IntegrityError, messageOf, UnavailableError } from "../../src/errors.ts";
import { checkKey, compareKeys } from "../../src/storage/keys.ts";
import type { Entry, ScanOptions, Store, Write } from "../../src/storage/store.ts";

/** Rows that a scan reads at once; between two pages other work on the store goes on. */
const PAGE_ROWS = 128;
/** How long a write waits while another process writes; this process stands still meanwhile. */
const BUSY_MS = 1000;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Open the store in the file at `path`, or create it together with the folders above. */
export async function openSqliteStore(path: string): Promise<Store> {
  return guarded(path, () => {
    mkdirSync(dirname(path), { recursive: true });
    const database = new DatabaseSync(path);
    try {
      return new SqliteStore(database, path);
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/** A `write` that waits for the commit of its turn. */
interface Waiting {
  readonly writes: readonly Write[];
  resolve(): void;
  reject(reason: unknown): void;
}

class SqliteStore implements Store {
  readonly #database: DatabaseSync;
  readonly #path: string;
  readonly #get: StatementSync;
  readonly #page: StatementSync;
  readonly #put: StatementSync;
  readonly #delete: StatementSync;
  #waiting: Waiting[] = [];
  #isClosed = false;

  constructor(database: DatabaseSync, path: string) {
    // Keys are blobs: their order is that of bytes, and 0xFF ends every prefix of UTF-8.
    database.exec(`
      PRAGMA busy_timeout = ${BUSY_MS};
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      CREATE TABLE IF NOT EXISTS entries (key BLOB PRIMARY KEY, value BLOB NOT NULL) STRICT;
    `);
    this.#database = database;
    this.#path = path;
    // An empty array is bound as NULL on some hosts; x'' is what it stands for.
    this.#get = database.prepare("SELECT value FROM entries WHERE key = coalesce(?, x'')");
    this.#page = database.prepare(
      "SELECT key, value FROM entries WHERE key >= coalesce(?, x'') AND key < ? ORDER BY key LIMIT ?",
    );
    this.#put = database.prepare(
      "INSERT OR REPLACE INTO entries VALUES (coalesce(?, x''), coalesce(?, x''))",
    );
    this.#delete = database.prepare("DELETE FROM entries WHERE key = coalesce(?, x'')");
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    this.#check(key);
    const row = guarded(this.#path, () => this.#get.get(encoder.encode(key)));
    return row && bytesOf(row.value);
  }

  async *scan({ prefix, after, limit = Infinity }: ScanOptions): AsyncIterable<Entry> {
    // The key that follows `after` in the order of bytes is `after` with a zero byte.
    let from = after === undefined || compareKeys(after, prefix) < 0 ? prefix : `${after}\0`;
    const end = new Uint8Array([...encoder.encode(prefix), 0xff]);
    for (let left = limit; left > 0; ) {
      this.#check(prefix, from);
      const size = Math.min(left, PAGE_ROWS);
      const rows = guarded(this.#path, () => this.#page.all(encoder.encode(from), end, size));
      for (const row of rows) {
        const key = decoder.decode(bytesOf(row.key));
        from = `${key}\0`;
        yield { key, value: bytesOf(row.value) };
      }
      if (rows.length < size) return;
      left -= size;
    }
  }

  /** All writes of one turn share one commit, because a commit waits for the disk. */
  async write(writes: readonly Write[]): Promise<void> {
    this.#check(...writes.map(({ key }) => key));
    const settled = new Promise<void>((resolve, reject) => {
      this.#waiting.push({ writes, resolve, reject });
    });
    if (this.#waiting.length === 1) setImmediate(() => this.#commit());
    return settled;
  }

  #commit(): void {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    try {
      guarded(this.#path, () => this.#transact(waiting.flatMap(({ writes }) => writes)));
    } catch (error) {
      for (const { reject } of waiting) reject(error);
      return;
    }
    for (const { resolve } of waiting) resolve();
  }

  #transact(writes: readonly Write[]): void {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      for (const { key, value } of writes) {
        if (value) this.#put.run(encoder.encode(key), value);
        else this.#delete.run(encoder.encode(key));
      }
      this.#database.exec("COMMIT");
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  #check(...keys: readonly string[]): void {
    if (this.#isClosed) {
      throw new UnavailableError("storage_unavailable", `The store ${this.#path} is closed`);
    }
    for (const key of keys) checkKey(key);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#commit();
    this.#isClosed = true;
    this.#database.close();
  }
}

/** A blob column as plain bytes, whatever subclass the host hands out. */
function bytesOf(value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array)) return new Uint8Array();
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}

/** Run `use`, and say what SQLite's errors mean for the caller. */
function guarded<T>(path: string, use: () => T): T {
  try {
    return use();
  } catch (cause) {
    const said = messageOf(cause);
    if (/locked|busy/i.test(said)) {
      const message = `Another process has been writing to ${path} for ${BUSY_MS} ms; try again`;
      throw new ConflictError("data_locked", message, { cause });
    }
    if (/not a database|malformed/i.test(said)) {
      const message = `${path} is not a readable store (${said}); restore it from a backup or move it away`;
      throw new IntegrityError("store_corrupt", message, { cause });
    }
    throw new UnavailableError(
      "storage_unavailable",
      `The store ${path} cannot be used: ${said}; check the disk's space and permissions`,
      { cause },
    );
  }
}
