/** The durable store of queues that a location names. @module */

import type { QueueStore } from "../../../src/queue/queue-store.ts";
import { openSqliteQueueStore } from "./sqlite-queue-store.ts";

/** Open the file at a path, or the database at a `postgres://` address. */
export async function openQueueStore(location: string): Promise<QueueStore> {
  if (!/^postgres(ql)?:\/\//.test(location)) return openSqliteQueueStore(location);
  const { openPostgresQueueStore } = await import("./postgres-queue-store.ts");
  return openPostgresQueueStore(location);
}
