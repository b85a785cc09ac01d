/** The tools of the task queue over the durable stores. @module */

import { join } from "node:path";
import { after, describe } from "node:test";
import { openPostgresQueueStore } from "../../../runtimes/shared/queue/postgres-queue-store.ts";
import { openSqliteQueueStore } from "../../../runtimes/shared/queue/sqlite-queue-store.ts";
import { testTaskTools } from "../../contract/task-tools.ts";
import { lazyPostgres, postgresSkipped } from "../../support/postgres.ts";
import { createTempFolder } from "../../support/temp-folder.ts";

describe("the tools of the task queue", () => {
  const folder = createTempFolder({ after });
  let opened = 0;
  testTaskTools("SQLite", async () => {
    opened += 1;
    return openSqliteQueueStore(join(await folder, `${opened}.db`));
  });

  describe("with a server", { skip: postgresSkipped }, () => {
    const server = lazyPostgres({ after });
    testTaskTools("PostgreSQL", async () =>
      openPostgresQueueStore(await (await server()).createDatabase()),
    );
  });
});
