/** Two servers that share a queue in PostgreSQL. @module */

import { after, describe, it } from "node:test";
import { decode } from "@ipld/dag-cbor";
import { assertEquals, assertExists, assertRejects } from "@std/assert";
import { openPostgresQueueStore } from "../../../runtimes/shared/queue/postgres-queue-store.ts";
import { ConflictError } from "../../../src/errors.ts";
import type { QueueStore } from "../../../src/queue/queue-store.ts";
import { lazyPostgres, postgresSkipped } from "../../support/postgres.ts";
import {
  idsOf,
  LEASE_MS,
  newTask,
  openQueue,
  resultOf,
  type TestQueue,
  watchStores,
} from "../../support/queues.ts";

interface TestServer extends TestQueue {
  readonly store: QueueStore;
}

const BEAT_MS = LEASE_MS / 3;

describe("two servers with one queue", { skip: postgresSkipped }, () => {
  const postgres = lazyPostgres({ after });

  /** Each has a clock of its own; one whose clock stands still does nothing by itself. */
  const withTwo = (title: string, body: (a: TestServer, b: TestServer) => Promise<void>): void => {
    it(title, async () => {
      const url = await (await postgres()).createDatabase();
      const open = async (): Promise<TestServer> => {
        const opened = await openPostgresQueueStore(url);
        const { stores, clock } = watchStores(opened);
        const [store = opened] = stores;
        return { ...(await openQueue(store, { clock })), store };
      };
      const servers = [await open(), await open()] as const;
      try {
        await body(...servers);
        assertEquals([...servers[0].troubles, ...servers[1].troubles], []);
      } finally {
        for (const { queue, store } of servers) {
          await queue.close();
          await store.close();
        }
      }
    });
  };

  /** Time passes for both, a beat at a time. */
  const pass = async (beats: number, ...servers: readonly TestServer[]): Promise<void> => {
    for (let n = 0; n < beats; n += 1) {
      for (const { clock } of servers) await clock.advance(BEAT_MS);
    }
  };

  const waiting = (worker: string) => ({ worker, max: 1, can: () => true, waitMs: 60_000 });

  withTwo("work tasks that were submitted at the other, of which they hear", async (a, b) => {
    const claiming = b.queue.claim(waiting("w1"));
    await a.queue.submit(newTask({ id: "a" }));
    const [task] = await claiming;
    assertExists(task);
    const reading = a.queue.settled("a", 60_000);
    await b.queue.complete("a", task.token, resultOf("there"));

    assertEquals((await reading)?.result, "there");
  });

  withTwo("look again every second, should they hear nothing", async (a, b) => {
    const { store, clock } = b;
    const deaf = new Proxy(store, {
      get: (target, name) => (name === "subscribe" ? undefined : Reflect.get(target, name)),
    });
    const { queue } = await openQueue(deaf, { clock });
    const claiming = queue.claim(waiting("w1"));
    await clock.advance(0);
    await a.queue.submit(newTask({ id: "a" }));

    await clock.advance(1_001);

    assertEquals(idsOf(await claiming), ["a"]);
    await queue.close();
  });

  withTwo("write one log and one order of tasks, whoever writes", async (a, b) => {
    const submitted = await Promise.all(
      Array.from({ length: 40 }, async (_, n) => {
        // Let commits of both meet.
        for (let turn = 0; turn < n % 5; turn += 1) await (n % 2 ? a : b).queue.task("none");
        return (n % 2 ? a : b).queue.submit(
          newTask({ idempotencyKey: `k${n >> 1}`, input: n >> 1 }),
        );
      }),
    );

    assertEquals(submitted.filter(({ isDuplicate }) => !isDuplicate).length, 20);
    const tasks = await a.queue.list({ limit: 99 });
    assertEquals(
      tasks.map(({ seq }) => seq),
      Array.from({ length: 20 }, (_, n) => 20 - n),
    );
    const log = await b.store.log("default", { from: 1, to: 99 });
    let last = 0;
    let previous: string | null = null;
    for (const { first, last: end, cid, header } of log) {
      const said = decode<{ previous: unknown }>(header);
      assertEquals(
        [first, said.previous === null ? null : String(said.previous)],
        [last + 1, previous],
      );
      last = end;
      previous = cid;
    }
    assertEquals(last, 20);
  });

  withTwo("trust nothing that they know once the other has written", async (a, b) => {
    const wanted = { idempotencyKey: "k", input: 1 };
    // So long alone that it no longer asks.
    for (let n = 0; n < 10; n += 1) await a.queue.submit(newTask({ id: `a${n}` }));
    await b.queue.submit(newTask({ id: "b", ...wanted }));

    const again = await a.queue.submit(newTask({ id: "again", ...wanted }));
    assertEquals([again.isDuplicate, again.task.spec.id], [true, "b"]);
    for (let n = 0; n < 10; n += 1) await a.take();
    const taken = await b.claim("w2", 99);
    await a.queue.submit(newTask({ id: "last" }));

    assertEquals(idsOf(taken), ["b"]);
    assertEquals(b.queue.meta.counters.leased, 11);
    assertEquals(a.queue.meta.counters, { ...b.queue.meta.counters, ready: 1 });
    assertEquals((await a.queue.list({ limit: 1 }))[0]?.seq, 12);
  });

  withTwo("leave the leases of the other alone while it lives", async (a, b) => {
    await a.queue.submit(newTask({ id: "a" }));
    const { token } = await a.take("w1");
    for (let n = 0; n < 12; n += 1) {
      await pass(1, a, b);
      const { extended } = await a.queue.heartbeat({ worker: "w1" }, [{ id: "a", token }]);
      assertEquals(extended, ["a"]);
    }

    assertEquals((await b.queue.complete("a", token, resultOf(1))).stalls, 0);
    await pass(6, a, b);
    assertEquals((await a.queue.task("a"))?.state, "done");
  });

  withTwo("time only what they gave themselves", async (a, b) => {
    await a.queue.submit(newTask({ id: "a" }));
    await a.take("w1");

    // As seen from there, the other one beats, and its worker says nothing.
    for (let n = 0; n < 12; n += 1) {
      await a.store.keepers?.beat("default", "epoch 1");
      await pass(1, b);
    }

    const task = await b.queue.task("a");
    assertEquals([task?.state, task?.stalls, task?.lease?.keeper], ["leased", 0, "epoch 1"]);
  });

  withTwo("finish what the other had when it died", async (a, b) => {
    for (const id of ["runs", "waits"]) await a.queue.submit(newTask({ id }));
    const { token } = await a.take("w1");

    // Silent for the length of a lease it is dead; its leases get their full time again.
    await pass(4, b);
    const adopted = await b.queue.task("runs");
    assertEquals([adopted?.state, adopted?.lease?.keeper], ["leased", "epoch 2"]);
    await b.clock.advance(LEASE_MS - 1);
    assertEquals((await b.queue.task("runs"))?.state, "leased");
    await b.clock.advance(10);

    const taken = await b.claim("w2", 9);
    assertEquals(idsOf(taken).sort(), ["runs", "waits"]);
    for (const { spec, token: mine } of taken) {
      await b.queue.complete(spec.id, mine, resultOf("done here"));
    }
    // It was only slow.
    await assertRejects(() => a.queue.complete("runs", token, resultOf("late")), ConflictError);
    await pass(4, a);
    assertEquals((await a.queue.task("runs"))?.result, "done here");
  });

  withTwo("take over the lease of a worker that comes from the other", async (a, b) => {
    await a.queue.submit(newTask({ id: "a" }));
    const { token } = await a.take("w1");

    const beat = await b.queue.heartbeat({ worker: "w1" }, [{ id: "a", token }]);
    assertEquals([beat.extended, (await a.queue.task("a"))?.lease?.keeper], [["a"], "epoch 2"]);

    // It is no longer the first one's to expire.
    await pass(4, a);
    assertEquals((await a.queue.task("a"))?.state, "leased");
    await b.clock.advance(LEASE_MS + 10);
    assertEquals((await a.queue.task("a"))?.stalls, 1);
    const late = await a.queue.heartbeat({ worker: "w1" }, [{ id: "a", token }]);
    assertEquals(late.lost, ["a"]);
  });

  withTwo("tell a worker of a cancellation that the other was asked for", async (a, b) => {
    await a.queue.submit(newTask({ id: "a" }));
    const { token } = await a.take("w1");
    await b.queue.cancel("a", "enough", 5_000);

    const beat = await a.queue.heartbeat({ worker: "w1" }, [{ id: "a", token }]);
    assertEquals(beat.cancelRequested, ["a"]);
    await b.clock.advance(5_001);

    assertEquals((await a.queue.task("a"))?.state, "cancelled");
  });

  withTwo("adopt at once what a server leaves that is stopped in order", async (a, b) => {
    await a.queue.submit(newTask({ id: "a" }));
    const { token } = await a.take("w1");
    await a.queue.close();

    await pass(1, b);

    assertEquals((await b.queue.task("a"))?.lease?.keeper, "epoch 2");
    const beat = await b.queue.heartbeat({ worker: "w1" }, [{ id: "a", token }]);
    assertEquals(beat.extended, ["a"]);
  });

  withTwo("release what the other had scheduled before it died", async (a, b) => {
    await a.queue.submit(newTask({ id: "later" }, { runAt: a.clock.now() + 45_000 }));

    await pass(5, b);

    assertEquals(idsOf(await b.claim()), ["later"]);
  });
});
