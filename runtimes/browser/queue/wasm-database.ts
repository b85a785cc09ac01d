/**
 * SQLite in WebAssembly with the face of `node:sqlite`, as far as `runtimes/shared/queue` looks at it.
 *
 * @module
 */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Database, PreparedStatement, Sqlite3Static } from "@sqlite.org/sqlite-wasm";

type Value = string | number | null | Uint8Array;
type Row = Readonly<Record<string, unknown>>;

/** Compiled statements that are kept; WebAssembly has nobody who collects the others. */
const MAX_COMPILED = 100;

/** The database, as the modules that SQLite on servers shares with pages take it. */
export function wasmDatabase(sqlite: Sqlite3Static, database: Database): DatabaseSync {
  const face: Pick<DatabaseSync, "exec" | "prepare" | "isTransaction" | "close"> = new WasmDatabase(
    sqlite,
    database,
  );
  // They use no more than these, and of statements `run`, `get` and `all`.
  return face as DatabaseSync;
}

class WasmDatabase {
  readonly #sqlite: Sqlite3Static;
  readonly #database: Database;
  readonly #compiled = new Map<string, PreparedStatement>();

  constructor(sqlite: Sqlite3Static, database: Database) {
    this.#sqlite = sqlite;
    this.#database = database;
  }

  get isTransaction(): boolean {
    return this.#sqlite.capi.sqlite3_get_autocommit(this.#database) === 0;
  }

  exec(sql: string): void {
    this.#database.exec(sql);
  }

  prepare(sql: string): StatementSync {
    // As `node:sqlite` does, what cannot be compiled is told here.
    this.#compile(sql);
    const face = {
      run: (...values: readonly Value[]) => this.#use(sql, values, (one) => void one.step()),
      get: (...values: readonly Value[]) =>
        this.#use(sql, values, (one) => (one.step() ? rowOf(one) : undefined)),
      all: (...values: readonly Value[]) =>
        this.#use(sql, values, (one) => {
          const rows: Row[] = [];
          while (one.step()) rows.push(rowOf(one));
          return rows;
        }),
    };
    return face as unknown as StatementSync;
  }

  close(): void {
    for (const statement of this.#compiled.values()) statement.finalize();
    this.#compiled.clear();
    this.#database.close();
  }

  #use<T>(sql: string, values: readonly Value[], read: (statement: PreparedStatement) => T): T {
    const statement = this.#compile(sql);
    try {
      if (values.length > 0) statement.bind([...values]);
      return read(statement);
    } finally {
      statement.reset(true);
    }
  }

  /** The statement, which is the one that was used last. */
  #compile(sql: string): PreparedStatement {
    const known = this.#compiled.get(sql);
    const statement = known ?? this.#database.prepare(sql);
    this.#compiled.delete(sql);
    this.#compiled.set(sql, statement);
    const [oldest] = this.#compiled.keys();
    if (this.#compiled.size > MAX_COMPILED && oldest !== undefined) {
      this.#compiled.get(oldest)?.finalize();
      this.#compiled.delete(oldest);
    }
    return statement;
  }
}

const rowOf = (statement: PreparedStatement): Row => statement.get({}) as Row;
