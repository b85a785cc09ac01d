/**
 * All queues of a database: commits go to the journal, and many at once into the tables.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";
import type { Changes } from "../../../src/queue/queue-store.ts";
import type { Task } from "../../../src/queue/task.ts";
import { SqliteJournal } from "./sqlite-journal.ts";
import { SqliteReader } from "./sqlite-reader.ts";
import { prepareReads, type ReadStatements, taskIn } from "./sqlite-statements.ts";
import { prepareBlobs, SqliteWriter } from "./sqlite-writer.ts";
import { runJson } from "./task-row.ts";

/** So many changed rows are written together: most tasks that are done soon are written once. */
const MAX_RECENT = 256;

/** Reads and writes rows; one process at a time. */
export class SqliteRows {
  readonly #database: DatabaseSync;
  readonly #reads: ReadStatements;
  readonly #journal: SqliteJournal;
  readonly #writer: SqliteWriter;
  readonly #keep: ReturnType<typeof prepareBlobs>;
  readonly #readers = new Map<string, SqliteReader>();

  /** What the journal holds is folded at once. */
  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#reads = prepareReads(database);
    this.#journal = new SqliteJournal(database);
    this.#writer = new SqliteWriter(database);
    this.#keep = prepareBlobs(database);
    const known = (queue: string, id: string): Task | undefined => this.reader(queue).task(id);
    for (const { runs, ...changes } of this.#journal.replay(known)) {
      this.reader(changes.meta.queue).take(changes, runs);
    }
    this.fold();
  }

  reader(queue: string): SqliteReader {
    const known =
      this.#readers.get(queue) ?? new SqliteReader(queue, this.#reads, () => this.fold());
    this.#readers.set(queue, known);
    return known;
  }

  /** A task of whichever queue. */
  task(id: string): Task | undefined {
    for (const { recent } of this.#readers.values()) {
      const found = recent.tasks.get(id)?.task;
      if (found) return found;
      if (recent.removed.has(id)) return undefined;
    }
    return taskIn(this.#reads.anyTask.get(id));
  }

  /** Durable when it returns. */
  commit(changes: Changes): void {
    if (this.#size() >= MAX_RECENT) this.fold();
    const { meta, tasks, blobs } = changes;
    const runs = tasks.map(runJson);
    if (blobs.length === 0) this.#journal.append(changes, runs);
    else {
      this.#together(() => {
        for (const { task, cid, bytes } of blobs) this.#keep(task, cid, bytes);
        this.#journal.append(changes, runs);
      });
    }
    this.reader(meta.queue).take(changes, runs);
  }

  /** Bring the tables up to date. */
  fold(): void {
    const open = [...this.#readers].filter(([, { recent }]) => recent.meta !== undefined);
    if (open.length === 0) return;
    this.#together(() => {
      this.#writer.fold(open.map(([name, { recent }]) => [name, recent] as const));
    });
    for (const [, reader] of open) reader.folded();
  }

  #size(): number {
    let size = 0;
    for (const { recent } of this.#readers.values()) size += recent.size;
    return size;
  }

  #together(write: () => void): void {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      write();
      this.#database.exec("COMMIT");
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }
}
