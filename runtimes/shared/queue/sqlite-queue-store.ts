/**
 * {@link QueueStore} on `node:sqlite`, which Node, Bun and Deno all have.
 *
 * One process holds the file (locking mode EXCLUSIVE), because two writers starve each other; a
 * second one is told who has it. What `transact` resolved for has been fsynced.
 *
 * @module
 */

import { hash } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { UnavailableError } from "../../../src/errors.ts";
import type { Digest } from "../../../src/ipld/block.ts";
import { openQueueDatabase } from "./open-sqlite.ts";
import { announceOwner, forgetOwner, type QueueOwner } from "./queue-owner.ts";
import { explain } from "./sqlite-errors.ts";
import { SqliteQueues } from "./sqlite-queues.ts";

/** Open the queues in the file at `path`, or create it together with the folders above. */
export async function openSqliteQueueStore(path: string): Promise<SqliteQueueStore> {
  return new SqliteQueueStore(openQueueDatabase(path), path);
}

/** See {@link openSqliteQueueStore}. */
export class SqliteQueueStore extends SqliteQueues {
  readonly digest: Digest = (bytes) => hash("sha256", bytes, "buffer");
  readonly #path: string;

  constructor(database: DatabaseSync, path: string) {
    super({
      database,
      durability: async () => "sqlite: WAL, synchronous=FULL, group commit",
      explain: (cause) => explain(path, cause),
      closed: () => new UnavailableError("storage_unavailable", `The queue in ${path} is closed`),
      release() {
        database.close();
        forgetOwner(path);
      },
    });
    this.#path = path;
    announceOwner(path);
  }

  /** Tell other processes where this one can be asked. */
  announce(about: Pick<QueueOwner, "address" | "token">): void {
    announceOwner(this.#path, about);
  }
}
