import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { createMemoryStore } from "../../../src/storage/memory-store.ts";
import type { Store } from "../../../src/storage/store.ts";
import { type Catalog, createCatalog, priorOf } from "../../../src/upstream/catalog.ts";
import type { Connection } from "../../../src/upstream/connection.ts";
import type { RpcObject } from "../../../src/upstream/rpc.ts";
import { createFakeClock, type FakeClock } from "../../support/fake-clock.ts";

interface Scene {
  readonly catalog: Catalog;
  readonly clock: FakeClock;
  readonly troubles: unknown[];
  readonly changes: () => number;
}

function createScene(
  store: Store = createMemoryStore(),
  fingerprint = "f",
  unmounted: AbortSignal = new AbortController().signal,
): Scene {
  const clock = createFakeClock();
  const troubles: unknown[] = [];
  let changes = 0;
  const catalog = createCatalog({
    name: "server",
    fingerprint,
    store,
    clock,
    changed: async () => {
      changes += 1;
    },
    trouble: (error) => void troubles.push(error),
    unmounted,
  });
  return { catalog, clock, troubles, changes: () => changes };
}

type Answers = Readonly<Record<string, (params: RpcObject) => RpcObject>>;

/** A connection that answers lists, and what it was asked. */
function connect(answers: Answers, capabilities: object = { tools: {} }) {
  const asked: string[] = [];
  const connection = {
    era: "legacy",
    server: "s 1",
    title: undefined,
    instructions: undefined,
    capabilities,
    prior: { kind: "legacy" },
    async request(method: string, params: RpcObject) {
      asked.push(method);
      const answer = answers[method]?.(params);
      if (!answer) throw new Error(`no ${method}`);
      return answer;
    },
  };
  // The catalog asks, and reads what the server said of itself; nothing else is there.
  return { connection: connection as unknown as Connection, asked };
}

const namesOf = ({ data }: Catalog): unknown[] => (data?.tools ?? []).map(({ name }) => name);

describe("createCatalog()", () => {
  it("walks all pages, and ends where a server repeats itself", async () => {
    const { catalog } = createScene();
    const { connection, asked } = connect({
      "tools/list": ({ cursor = "0" }) => ({
        tools: [{ name: `t${cursor}` }, null],
        nextCursor: String(Math.min(3, Number(cursor) + 1)),
      }),
    });

    await catalog.refresh(connection, ["tools"]);

    assertEquals(namesOf(catalog), ["t0", "t1", "t2", "t3"]);
    assertEquals(asked.length, 4);
  });

  it("asks only for what the server has", async () => {
    const { catalog } = createScene();
    const answers = {
      "prompts/list": () => ({ prompts: [{ name: "p" }] }),
      "resources/list": () => ({ resources: [] }),
      "resources/templates/list": () => ({ resourceTemplates: [{ uriTemplate: "a://{b}" }] }),
    };
    const { connection, asked } = connect(answers, { prompts: {}, resources: {} });

    await catalog.refresh(connection, ["tools", "prompts", "resources"]);

    assertEquals(asked.sort(), ["prompts/list", "resources/list", "resources/templates/list"]);
    assertEquals(catalog.data?.templates.length, 1);
  });

  it("makes one more of all that is asked while it asks", async () => {
    const { catalog, clock, changes } = createScene();
    const { connection, asked } = connect({ "tools/list": () => ({ tools: [] }) });

    const all = [1, 2, 3, 4].map(() => catalog.refresh(connection, ["tools"]));
    await clock.advance(1000);
    await Promise.all(all);

    assert(asked.length <= 2);
    assertEquals(changes(), asked.length);
  });

  it("keeps the lists that it has when one fails", async () => {
    const { catalog, troubles } = createScene();
    const capabilities = { tools: {}, prompts: {} };
    const good = connect(
      {
        "tools/list": () => ({ tools: [{ name: "a" }] }),
        "prompts/list": () => ({ prompts: [{ name: "p" }] }),
      },
      capabilities,
    );
    await catalog.refresh(good.connection, ["tools", "prompts"]);
    const bad = connect({ "tools/list": () => ({ tools: "none" }) }, capabilities);

    await catalog.refresh(bad.connection, ["tools", "prompts"]);

    assertEquals(namesOf(catalog), ["a"]);
    assertEquals(catalog.data?.prompts.length, 1);
    assertEquals(troubles.map(String), [
      'IntegrityError: "server" answered tools/list without a list',
      "Error: no prompts/list",
    ]);
  });

  it("remembers nothing of a server whose tools it never saw", async () => {
    const store = createMemoryStore();
    const { catalog } = createScene(store);

    await assertRejects(
      () => catalog.refresh(connect({}).connection, ["tools"]),
      Error,
      "no tools",
    );

    assertEquals(catalog.data, undefined);
    const again = createScene(store);
    await again.catalog.load();
    assertEquals(again.catalog.data, undefined);
  });

  it("keeps nothing of a server that was unmounted meanwhile", async () => {
    const store = createMemoryStore();
    const unmounted = new AbortController();
    const { catalog, changes } = createScene(store, "f", unmounted.signal);
    const { connection } = connect({ "tools/list": () => ({ tools: [{ name: "a" }] }) });

    const refreshed = catalog.refresh(connection, ["tools"]);
    unmounted.abort();
    await refreshed;

    assertEquals([catalog.data, changes()], [undefined, 0]);
  });

  it("is there again after a restart, for the same configuration", async () => {
    const store = createMemoryStore();
    const first = createScene(store);
    const { connection } = connect({ "tools/list": () => ({ tools: [{ name: "a" }] }) });
    await first.catalog.refresh(connection, ["tools"]);
    const [same, other] = [createScene(store), createScene(store, "other")];

    await Promise.all([same.catalog.load(), other.catalog.load()]);

    assertEquals(namesOf(same.catalog), ["a"]);
    assertEquals(other.catalog.data, undefined);
  });
});

describe("priorOf()", () => {
  it("believes that a server is old for a day only", async () => {
    const { catalog, clock } = createScene();
    const { connection } = connect({ "tools/list": () => ({ tools: [] }) });
    await catalog.refresh(connection, ["tools"]);

    assertEquals(priorOf(catalog.data, clock.now()), { kind: "legacy" });
    assertEquals(priorOf(catalog.data, clock.now() + 86_400_001), undefined);
    assertEquals(priorOf(undefined, clock.now()), undefined);
  });
});
