/** Workflows over every store of queues. @module */

import { join } from "node:path";
import { after, describe } from "node:test";
import { openPostgresQueueStore } from "../../../runtimes/shared/queue/postgres-queue-store.ts";
import { openSqliteQueueStore } from "../../../runtimes/shared/queue/sqlite-queue-store.ts";
import { createMemoryQueueStore } from "../../../src/queue/memory-store.ts";
import { testWorkflows } from "../../contract/workflows.ts";
import { lazyPostgres, postgresSkipped } from "../../support/postgres.ts";
import { createTempFolder } from "../../support/temp-folder.ts";

describe("workflows", () => {
  testWorkflows("memory", async () => createMemoryQueueStore());

  const folder = createTempFolder({ after });
  let opened = 0;
  testWorkflows("SQLite", async () => {
    opened += 1;
    return openSqliteQueueStore(join(await folder, `${opened}.db`));
  });

  describe("with a server", { skip: postgresSkipped }, () => {
    const server = lazyPostgres({ after });
    testWorkflows("PostgreSQL", async () =>
      openPostgresQueueStore(await (await server()).createDatabase()),
    );
  });
});
