/** The store in PostgreSQL: the suite of all, its errors, and a server that is killed. @module */

import { after, describe, it } from "node:test";
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import postgres from "postgres";
import { openPostgresQueueStore } from "../../../runtimes/shared/queue/postgres-queue-store.ts";
import { InputError, UnavailableError } from "../../../src/errors.ts";
import type { QueueStore } from "../../../src/queue/queue-store.ts";
import { testQueue } from "../../contract/queue.ts";
import { lazyPostgres, PASSWORD, postgresSkipped } from "../../support/postgres.ts";
import { idsOf, newTask, openQueue, resultOf, type TestQueue } from "../../support/queues.ts";

/** What goes wrong, told without the password. */
async function refusal(url: string): Promise<string> {
  const error = await assertRejects(() => openPostgresQueueStore(url), UnavailableError);
  assertEquals(error.code, "storage_unavailable");
  const told = `${error.message} ${JSON.stringify(error.data)} ${error.cause} ${error.stack}`;
  assert(!told.includes(PASSWORD), told);
  return error.message;
}

/** A queue over the database, closed whatever comes of it. */
async function withQueue(
  url: string,
  body: (test: TestQueue & { readonly store: QueueStore }) => Promise<void>,
): Promise<void> {
  const store = await openPostgresQueueStore(url);
  try {
    const test = await openQueue(store);
    await body({ ...test, store });
    await test.queue.close();
  } finally {
    await store.close();
  }
}

/** A connection of the test's own. */
async function withClient<T>(
  url: string,
  use: (client: ReturnType<typeof postgres>) => Promise<T>,
): Promise<T> {
  const client = postgres(url, { max: 1 });
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

/** Rows of tasks that statements have read; who has read them tells it when it is gone. */
async function rowsRead(sql: ReturnType<typeof postgres>): Promise<number> {
  for (let others = 1; others > 0; ) {
    const rows = await sql`SELECT 1 FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()
      AND backend_type = 'client backend'`;
    others = rows.length;
  }
  const [row] = await sql`SELECT seq_tup_read + (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes
    WHERE relname = 'tasks') AS read FROM pg_stat_user_tables WHERE relname = 'tasks'`;
  return Number(row?.read);
}

describe("PostgreSQL", { skip: postgresSkipped }, () => {
  const server = lazyPostgres({ after });
  const newDatabase = async (): Promise<string> => (await server()).createDatabase();

  let url = "";
  testQueue("PostgreSQL", {
    async open() {
      url = await newDatabase();
      return openPostgresQueueStore(url);
    },
    reopen: () => openPostgresQueueStore(url),
  });

  it("makes its tables once, however many servers begin at the same time", async () => {
    const fresh = await newDatabase();
    const opened = await Promise.all([1, 2, 3, 4].map(() => openPostgresQueueStore(fresh)));
    const [first] = opened;

    assertEquals(await first?.queues(), []);
    for (const store of opened) await store.close();
  });

  it("says what is wrong with the way to it, and keeps the password to itself", async () => {
    const good = await newDatabase();
    const { port } = await server();

    assertMatch(await refusal(good.replace(`:${port}`, ":1")), /127\.0\.0\.1:1 cannot be reached/);
    const withOther = good.replace(PASSWORD, "battery-staple");
    assertMatch(await refusal(withOther), /does not let the user "mcpp" in: check name and passw/);
    assertMatch(await refusal(`${good}_x`), /has no database "queue_\d+_x": create it/);
    const noUrl = (): Promise<unknown> => openPostgresQueueStore(`postgres://a:${PASSWORD}@[x/y`);
    const error = await assertRejects(noUrl, InputError, "postgres://user:password@host");
    assert(!`${error.message} ${error.cause} ${error.stack}`.includes(PASSWORD));
  });

  it("leaves tables alone that a later version has made", async () => {
    const later = await newDatabase();
    await (await openPostgresQueueStore(later)).close();
    await withClient(later, (sql) => sql`UPDATE mcpp_queue.schema_version SET version = 99`);

    assertMatch(await refusal(later), /of a later version of this program \(99, known here 1\)/);
  });

  it("states what the server does for durability", async () => {
    const database = await newDatabase();
    const store = await openPostgresQueueStore(database);
    assertMatch(
      (await store.facts()).durability,
      /^postgresql \d.*: synchronous_commit=on, fsync=on/,
    );
    await store.close();
    const name = new URL(database).pathname.slice(1);
    await withClient(database, (sql) =>
      sql.unsafe(`ALTER DATABASE ${name} SET synchronous_commit = off`),
    );

    const weaker = await openPostgresQueueStore(database);

    const { durability, sizeBytes = 0 } = await weaker.facts();
    assertMatch(durability, /synchronous_commit=off/);
    assert(sizeBytes > 0);
    await weaker.close();
  });

  it("takes any text, also the character that PostgreSQL has not", async () => {
    await withQueue(await newDatabase(), async ({ queue, take }) => {
      const odd = "a\0b \\ \" ' { } \u{1f600}";
      const spec = { id: "odd", input: { odd }, kind: odd, groupKey: odd, idempotencyKey: odd };
      await queue.submit(newTask(spec, { labels: { [odd]: odd } }));

      const { token, spec: leased } = await take();
      assertEquals(leased, { ...leased, ...spec });
      await queue.complete("odd", token, resultOf({ odd }));

      const again = await queue.submit(newTask({ ...spec, id: "other" }));
      assertEquals([again.isDuplicate, again.task.result], [true, { odd }]);
      const query = { label: `${odd}=${odd}`, groupKey: odd, kind: odd, limit: 9 };
      assertEquals(idsOf(await queue.list(query)), ["odd"]);
    });
  });

  it("finds a task again of which it knows nothing", async () => {
    const database = await newDatabase();
    const old = { id: "old", input: 1 };
    await withQueue(database, async ({ queue, take }) => {
      await queue.submit(newTask({ ...old, idempotencyKey: "k" }));
      await queue.complete("old", (await take()).token, resultOf("there"));
    });

    await withQueue(database, async ({ queue }) => {
      // So long alone that it no longer asks.
      for (let n = 0; n < 10; n += 1) await queue.submit(newTask());
      const [byId] = await Promise.all([queue.submit(newTask(old)), queue.submit(newTask())]);
      assertEquals([byId.isDuplicate, byId.task.result], [true, "there"]);
    });

    await withQueue(database, async ({ queue }) => {
      for (let n = 0; n < 10; n += 1) await queue.submit(newTask());
      const wanted = newTask({ ...old, id: "new", idempotencyKey: "k" });
      const [byKey] = await Promise.all([queue.submit(wanted), queue.submit(newTask())]);
      assertEquals([byKey.isDuplicate, byKey.task.result], [true, "there"]);
    });
  });

  it("keeps large results beside their tasks", async () => {
    await withQueue(await newDatabase(), async ({ queue, take, store }) => {
      const bytes = crypto.getRandomValues(new Uint8Array(60_000));
      await queue.submit(newTask({ id: "a", resultTtlMs: 0 }));
      await queue.complete("a", (await take()).token, { cid: "bafyresult", bytes });

      assertEquals(await store.blob("bafyresult"), bytes);
      assertEquals(await queue.prune(), 1);
      assertEquals(await store.blob("bafyresult"), undefined);
    });
  });

  it("fails one transaction when its connection is lost, and does the next", async () => {
    const database = await newDatabase();
    await withQueue(database, async ({ queue }) => {
      await withClient(database, (sql) =>
        withClient(database, async (holder) => {
          await holder`BEGIN`;
          await holder`SELECT 1 FROM mcpp_queue.queues FOR UPDATE`;
          const submitted = queue.submit(newTask({ id: "lost" }));
          const refused = assertRejects(() => submitted, UnavailableError, "was lost");
          for (let ended = 0; ended === 0; ) {
            const rows = await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
              WHERE wait_event_type = 'Lock' AND datname = current_database()`;
            ended = rows.length;
          }
          await refused;
          await holder`ROLLBACK`;
        }),
      );

      await queue.submit(newTask({ id: "next" }));

      assertEquals(idsOf(await queue.list({ limit: 9 })), ["next"]);
    });
  });

  it("reads few rows for a task, however many there are and before they were ever analysed", async () => {
    const database = await newDatabase();
    await withClient(database, async (sql) => {
      const tasks = 3_000;
      const worked = 20;
      await withQueue(database, async ({ queue }) => {
        await sql`ALTER TABLE mcpp_queue.tasks SET (autovacuum_enabled = off)`;
        await Promise.all(Array.from({ length: tasks }, () => queue.submit(newTask())));
      });
      const before = await rowsRead(sql);

      await withQueue(database, async ({ queue, take }) => {
        for (let n = 0; n < worked; n += 1) {
          const { spec, token } = await take();
          await queue.complete(spec.id, token, resultOf(n));
        }
      });

      const read = (await rowsRead(sql)) - before;
      assert(read >= worked, `${read} rows read: nothing was counted`);
      assert(read < worked * 50, `${read} rows read for ${worked} of ${tasks} tasks`);
    });
  });

  // One of its own: a server that was killed looks through all of its databases.
  const mortal = lazyPostgres({ after });

  it("loses nothing that was acknowledged when the server is killed", async () => {
    const { createDatabase, kill, start } = await mortal();
    await withQueue(await createDatabase(), async ({ queue, take }) => {
      const acknowledged: string[] = [];
      const submit = async (id: string): Promise<void> => {
        await queue.submit(newTask({ id }));
        acknowledged.push(id);
      };
      for (let n = 0; n < 10; n += 1) await submit(`before${n}`);
      const { spec, token } = await take();
      const killed = kill();
      const during = async (): Promise<void> => {
        for (let n = 0; ; n += 1) {
          await Promise.all(Array.from({ length: 8 }, (_, at) => submit(`during${n}-${at}`)));
        }
      };
      await assertRejects(during, UnavailableError, "PostgreSQL");
      await killed;

      await start();
      await submit("after");

      const kept = new Set(idsOf(await queue.list({ limit: 10_000 })));
      assertEquals(
        acknowledged.filter((id) => !kept.has(id)),
        [],
      );
      assertEquals((await queue.complete(spec.id, token, resultOf(1))).state, "done");
      assertEquals(queue.meta.counters.ready + queue.meta.counters.done, kept.size);
    });
  });
});
