/** Workflows over every store of queues. @module */

import { join } from "node:path";
import { after, describe } from "node:test";
import { openPostgresQueueStore } from "../../../runtimes/shared/queue/postgres-queue-store.ts";
import { openSqliteQueueStore } from "../../../runtimes/shared/queue/sqlite-queue-store.ts";
import { createMemoryQueueStore } from "../../../src/queue/memory-store.ts";
import { testWorkflowLives } from "../../contract/workflow-lives.ts";
import { testWorkflows } from "../../contract/workflows.ts";
import { lazyPostgres, postgresSkipped } from "../../support/postgres.ts";
import { createTempFolder } from "../../support/temp-folder.ts";

function testAll(...over: Parameters<typeof testWorkflows>): void {
  testWorkflows(...over);
  testWorkflowLives(...over);
}

describe("workflows", () => {
  testAll("memory", async () => createMemoryQueueStore());

  const folder = createTempFolder({ after });
  let opened = 0;
  testAll("SQLite", async () => {
    opened += 1;
    return openSqliteQueueStore(join(await folder, `${opened}.db`));
  });

  describe("with a server", { skip: postgresSkipped }, () => {
    const server = lazyPostgres({ after });
    testAll("PostgreSQL", async () =>
      openPostgresQueueStore(await (await server()).createDatabase()),
    );
  });
});
