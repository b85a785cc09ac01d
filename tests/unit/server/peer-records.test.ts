import { describe, it } from "node:test";
import { assertEquals, assertMatch } from "@std/assert";
import { createRendezvousSource } from "../../../src/peers/rendezvous-source.ts";
import type { SignedRecord } from "../../../src/registry/peers.ts";
import { askApp, type Json } from "../../support/http-app.ts";
import { createMember, eventually, namesKnownTo } from "../../support/members.ts";
import { anyRecord } from "../../support/records.ts";
import type { Cleanup } from "../../support/temp-folder.ts";

const soon = (): string => new Date(Date.now() + 60_000).toISOString();

/** A server that is a member of a mesh. */
async function setUp(t: Cleanup) {
  const { peers, node } = await createMember(t, "meeting-point");
  await peers.register({
    ttlMs: 60_000,
    signal: new AbortController().signal,
  });
  const asked = askApp({ peers: () => peers });
  const names = async (query = ""): Promise<unknown> => {
    const { records } = await asked.json(asked.ask(`/peers${query}`));
    return (records as SignedRecord[]).map(({ name }) => name);
  };
  return { ...asked, names, peers, node };
}

describe("/peers", () => {
  it("gives the server's own record first, then those that it knows", async (t) => {
    const { ask, names, peers } = await setUp(t);
    for (const name of ["a", "b"]) await peers.accept(await anyRecord({ name, expiresAt: soon() }));

    const answer = await ask("/peers");
    assertEquals(answer.status, 200);
    assertEquals(answer.headers.get("cache-control"), "public, max-age=5");
    assertEquals(await names(), ["meeting-point", "b", "a"]);
    assertEquals(await names("?limit=2"), ["meeting-point", "b"]);
  });

  it("takes a record, and says whether it was news", async (t) => {
    const { post, json, names } = await setUp(t);
    const record = await anyRecord({ name: "c", expiresAt: soon() });

    assertEquals(await json(post("/peers", record)), { isNew: true });
    assertEquals(await json(post("/peers", record)), { isNew: false });
    assertEquals(await names(), ["meeting-point", "c"]);
  });

  it("refuses what proves nothing", async (t) => {
    const { post, json, ask, names } = await setUp(t);
    const record = await anyRecord({ expiresAt: soon() });
    const faults = async (body: unknown): Promise<unknown> => {
      const { code, data } = await json(post("/peers", body));
      return [code, (data as Json).fault];
    };

    assertEquals(await faults({ ...record, name: "forged" }), ["invalid_input", "foreign_key"]);
    assertEquals(await faults({}), ["invalid_input", "unsigned"]);
    assertEquals((await post("/peers", "{")).status, 400);
    assertEquals((await post("/peers", { big: "x".repeat(70_000) })).status, 413);
    assertEquals((await ask("/peers", { method: "POST", body: "{}" })).status, 415);
    assertEquals((await ask("/peers?limit=0")).status, 400);
    assertEquals(await names(), ["meeting-point"]);
  });

  it("takes no more than it can verify", async (t) => {
    const { post } = await setUp(t);
    const statuses = new Set<number>();
    for (let count = 0; count < 601; count += 1) {
      const { status, headers } = await post("/peers", {});
      statuses.add(status);
      if (status === 429) assertMatch(headers.get("retry-after") ?? "", /^\d+$/);
    }

    assertEquals([...statuses], [400, 429]);
  });

  it("is there without a mesh, and says that there is none", async () => {
    const { ask, json } = askApp();

    assertEquals((await ask("/peers")).status, 503);
    assertEquals((await json(ask("/peers"))).code, "runtime_unavailable");
  });

  it("is where another server finds peers, and is found", async (t) => {
    const meeting = await setUp(t);
    const fetch = (url: string, init?: RequestInit): Promise<Response> =>
      meeting.ask(new URL(url).pathname, init);
    const { peers, node, ...other } = await createMember(t, "other", {
      mesh: { rendezvous: ["http://127.0.0.1:8000"] },
      fetch,
    });
    await peers.start();

    await eventually(
      "both know both, by HTTP alone at first",
      () =>
        namesKnownTo({ ...other, peers, node }).includes("meeting-point") &&
        meeting.peers.known().some(({ name }) => name === "other"),
    );
    const [known] = peers.known();
    assertEquals([known?.peer, known?.source], [meeting.node.peer, "rendezvous"]);
  });

  it("is given up where the other server answers nonsense", async () => {
    const signal = new AbortController().signal;
    const messages: string[] = [];
    const answers = [
      new Response("<html>"),
      Response.json({ peers: [] }),
      Response.json({ message: "busy" }, { status: 503 }),
      new Response("x".repeat(1024 * 1024 + 1)),
    ];
    for (const answer of answers) {
      const source = createRendezvousSource("http://127.0.0.1:1/", async () => answer);
      await source
        .find({ limit: 10, signal })
        .catch((error: Error) => messages.push(error.message));
    }

    assertEquals(messages, [
      "http://127.0.0.1:1/peers did not answer with JSON",
      "http://127.0.0.1:1/peers gave no list of records",
      'http://127.0.0.1:1/peers answered 503 {"message":"busy"}',
      "http://127.0.0.1:1/peers answered with more than 1048576 bytes",
    ]);
  });
});
