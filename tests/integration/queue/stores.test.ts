/** The stores of a queue, each in the suite of all. @module */

import { join } from "node:path";
import { after, describe } from "node:test";
import { openSqliteQueueStore } from "../../../runtimes/shared/queue/sqlite-queue-store.ts";
import { createMemoryQueueStore } from "../../../src/queue/memory-store.ts";
import { testQueue } from "../../contract/queue.ts";
import { createTempFolder } from "../../support/temp-folder.ts";

testQueue("memory", { open: async () => createMemoryQueueStore() });

describe("SQLite", () => {
  const folder = createTempFolder({ after });
  let opened = 0;
  const path = async (): Promise<string> => join(await folder, `queue-${opened}.db`);
  testQueue("SQLite", {
    async open() {
      opened += 1;
      return openSqliteQueueStore(await path());
    },
    reopen: async () => openSqliteQueueStore(await path()),
  });
});
