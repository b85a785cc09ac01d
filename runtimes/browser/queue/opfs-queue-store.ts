/**
 * {@link QueueStore} on SQLite in the origin-private file system, for a dedicated worker of a page:
 * the tables of servers, which one tab of an origin holds at a time.
 *
 * @module
 */

import { ConflictError, IntegrityError, messageOf, UnavailableError } from "../../../src/errors.ts";
import type { QueueStore } from "../../../src/queue/queue-store.ts";
import { SqliteQueues } from "../../shared/queue/sqlite-queues.ts";
import { openOpfsDatabase } from "./open-opfs.ts";

/** Open the queues of this name, or create them; only in a dedicated worker. */
export async function openOpfsQueueStore(name: string): Promise<QueueStore> {
  const opened = await openOpfsDatabase(name);
  const { database, durability } = opened;
  try {
    return new SqliteQueues({
      database,
      async durability() {
        const isKept = await navigator.storage.persisted();
        return isKept ? durability : `${durability}; the browser may clear it for space`;
      },
      explain: (cause) => explain(name, cause),
      closed: () => new UnavailableError("storage_unavailable", `The queue "${name}" is closed`),
      release: () => opened.close(),
    });
  } catch (error) {
    opened.close();
    throw explain(name, error);
  }
}

/** What SQLite's errors mean for a page; what is not SQLite's is left as it is. */
function explain(name: string, cause: unknown): unknown {
  if (!(cause instanceof Error) || !("resultCode" in cause)) return cause;
  const said = messageOf(cause);
  if (/not a database|malformed|corrupt/i.test(said)) {
    const message = `The queue "${name}" of this site is damaged (${said}): clear the site's data to begin with an empty one`;
    return new IntegrityError("store_corrupt", message, { cause });
  }
  if (/locked|busy/i.test(said)) {
    const message = `The queue "${name}" is used by another tab of this site`;
    return new ConflictError("data_locked", message, { cause });
  }
  const message = `The queue "${name}" cannot be used: ${said}; the site may have no space left`;
  return new UnavailableError("storage_unavailable", message, { cause });
}
