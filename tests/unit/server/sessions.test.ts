import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import type { Caller } from "../../../src/registry/caller.ts";
import { callerOf } from "../../support/callers.ts";
import { createMcpScene, type McpScene } from "../../support/mcp-scene.ts";
import { initialize, post, rpcAnswer } from "../../support/messages.ts";

type Json = Readonly<Record<string, unknown>>;

const ada = callerOf("*", "destructive", "key:ada");
const bob = callerOf("*", "destructive", "key:bob");

const URL_OF_MCP = "http://127.0.0.1/mcp";

async function begin({ ask }: McpScene, caller = ada, client: object = {}): Promise<string> {
  const response = await ask(post(initialize(client)), caller);
  await response.text();
  const id = response.headers.get("mcp-session-id");
  assert(id);
  return id;
}

const callOf = (name: string, args: object = {}, more: object = {}): Json => ({
  jsonrpc: "2.0",
  id: 1,
  method: "tools/call",
  params: { name, arguments: args, ...more },
});

const inSession = (message: Json, id: string): Request => post(message, { "mcp-session-id": id });

/** A GET of the session's own stream. */
const listening = (id: string, lastEventId?: string): Request =>
  new Request(URL_OF_MCP, {
    headers: {
      accept: "text/event-stream",
      "mcp-session-id": id,
      "mcp-protocol-version": "2025-11-25",
      ...(lastEventId !== undefined && { "last-event-id": lastEventId }),
    },
  });

const ending = (id: string): Request =>
  new Request(URL_OF_MCP, { method: "DELETE", headers: { "mcp-session-id": id } });

/** The next event of a stream that has data. */
async function nextEvent(
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Promise<{ readonly id: string; readonly data: Json }> {
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    text += new TextDecoder().decode(value);
    const found = /id: (\S+)\ndata: (\{.*\})\n/.exec(text);
    const [, id, data] = found ?? [];
    if (id !== undefined && data !== undefined) return { id, data: JSON.parse(data) };
    if (done) throw new Error(`the stream ended after ${JSON.stringify(text)}`);
  }
}

describe("a session of the legacy era", () => {
  it("begins with initialize, each under an id of its own", async () => {
    const scene = createMcpScene();

    const [first, second] = [await begin(scene), await begin(scene)];

    assert(first !== second);
    assertEquals(scene.endpoint.sessions, 2);
    const answer = await rpcAnswer(
      await scene.ask(inSession(callOf("add", { a: 1, b: 2 }), first), ada),
    );
    assertEquals((answer.result as Json).structuredContent, { sum: 3 });
  });

  it("is nobody else's", async () => {
    const scene = createMcpScene();
    const id = await begin(scene, ada);

    const theirs = await scene.ask(inSession(callOf("add", { a: 1, b: 2 }), id), bob);
    const unknown = await scene.ask(inSession(callOf("add"), "no-such-session"), bob);
    const stream = await scene.ask(listening(id), bob);
    const end = await scene.ask(ending(id), bob);

    assertEquals([theirs.status, unknown.status, stream.status, end.status], [404, 404, 404, 404]);
    assertEquals(await theirs.text(), await unknown.text());
    assertEquals((await scene.ask(inSession(callOf("add"), id), ada)).status, 200);
  });

  it("has the rights of its caller's newest request, on both paths", async () => {
    const scene = createMcpScene();
    const reader: Caller = callerOf("*", "read", "key:ada");
    const id = await begin(scene, ada);
    for (const more of [{}, { _meta: { progressToken: 1 } }]) {
      const wipe = inSession(callOf("wipe", {}, more), id);
      const allowed = await rpcAnswer(await scene.ask(wipe.clone() as Request, ada));
      const refused = await rpcAnswer(await scene.ask(wipe, reader));

      assert("result" in allowed);
      assertEquals((refused.error as Json | undefined)?.code, -32602);
    }
  });

  it("is gone after DELETE", async () => {
    const scene = createMcpScene();
    const id = await begin(scene);

    const ended = await scene.ask(ending(id), ada);

    assertEquals(ended.status, 200);
    assertEquals((await scene.ask(inSession(callOf("add"), id), ada)).status, 404);
    assertEquals((await scene.ask(ending(id), ada)).status, 404);
    assertEquals(scene.endpoint.sessions, 0);
  });

  it("tells handlers to stop when it ends", async () => {
    const scene = createMcpScene();
    const id = await begin(scene);
    const waiting = scene.ask(inSession(callOf("wait", { key: "w" }), id), ada);
    await scene.fixtures.moments.wait("started:w");

    await scene.ask(ending(id), ada);

    await scene.fixtures.moments.wait("cancelled:w");
    await (await waiting).text();
  });

  it("ends when its client says nothing for half an hour, and not before", async () => {
    const scene = createMcpScene();
    const quiet = await begin(scene);
    const busy = await begin(scene);
    for (let minutes = 0; minutes < 40; minutes += 10) {
      await scene.clock.advance(10 * 60_000);
      assertEquals((await scene.ask(inSession(callOf("add"), busy), ada)).status, 200);
    }

    assertEquals((await scene.ask(inSession(callOf("add"), quiet), ada)).status, 404);
    assertEquals(scene.endpoint.sessions, 1);
  });

  it("makes room for new ones by ending the one that was idle longest", async () => {
    const scene = createMcpScene();
    const oldest = await begin(scene);
    await scene.clock.advance(1);
    const second = await begin(scene);
    await scene.clock.advance(1);
    await scene.ask(inSession(callOf("add"), oldest), ada);
    for (let more = 0; more < 1999; more += 1) await begin(scene);

    assertEquals(scene.endpoint.sessions, 2000);
    assertEquals((await scene.ask(inSession(callOf("add"), second), ada)).status, 404);
    assertEquals((await scene.ask(inSession(callOf("add"), oldest), ada)).status, 200);
    await scene.endpoint.close();
  });

  it("is not begun by anything else, and nothing stays of an attempt", async () => {
    const scene = createMcpScene();
    for (const request of [
      post(callOf("add")),
      post({ jsonrpc: "2.0", id: 1, method: "ping" }),
      new Request(URL_OF_MCP, { headers: { accept: "text/event-stream" } }),
      new Request(URL_OF_MCP, { method: "DELETE" }),
      post(initialize(), { accept: "text/plain" }),
    ]) {
      const { status } = await scene.ask(request, ada);
      assert(status >= 400, String(status));
    }

    assertEquals([scene.endpoint.sessions, scene.clock.pending], [0, 0]);
  });

  it("works also where its initialize came as a batch of one", async () => {
    const scene = createMcpScene();

    const begun = await scene.ask(post([initialize()]), ada);
    await begun.text();
    const id = begun.headers.get("mcp-session-id") ?? "";
    const answer = await rpcAnswer(
      await scene.ask(inSession(callOf("add", { a: 1, b: 2 }), id), ada),
    );

    assertEquals((answer.result as Json).structuredContent, { sum: 3 });
  });

  it("tells of changes on its stream, and after a break from where the client was", async () => {
    const scene = createMcpScene();
    const id = await begin(scene);
    const stream = await scene.ask(listening(id), ada);
    assert(stream.body);
    const reader = stream.body.getReader();

    scene.changes.publish({ kind: "tools_list_changed" });
    const first = await nextEvent(reader);
    await reader.cancel();
    scene.changes.publish({ kind: "prompts_list_changed" });
    const again = await scene.ask(listening(id, first.id), ada);
    assert(again.body);
    const second = await nextEvent(again.body.getReader());

    assertEquals(first.data.method, "notifications/tools/list_changed");
    assertEquals(second.data.method, "notifications/prompts/list_changed");
  });

  it("tells of resources to which it listens until it does not, or ends", async () => {
    const scene = createMcpScene();
    const { watched } = scene.fixtures;
    const [one, two] = [await begin(scene), await begin(scene)];
    const subscription = (method: string): Json => ({
      jsonrpc: "2.0",
      id: 1,
      method: `resources/${method}`,
      params: { uri: "note://a" },
    });
    const send = async (method: string, id: string): Promise<void> =>
      void (await (await scene.ask(inSession(subscription(method), id), ada)).text());

    await send("subscribe", one);
    await send("subscribe", one);
    await send("unsubscribe", two);
    assertEquals(watched, ["+note://a"]);
    await send("subscribe", two);
    await send("unsubscribe", one);
    assertEquals(watched, ["+note://a"]);
    await scene.ask(ending(two), ada);

    assertEquals(watched, ["+note://a", "-note://a"]);
  });

  it("cancels a call by its id, whichever path runs it", async () => {
    const scene = createMcpScene();
    const id = await begin(scene);
    for (const [key, more] of [
      ["hot", {}],
      ["sdk", { _meta: { progressToken: 1 } }],
    ] as const) {
      const waiting = scene.ask(inSession(callOf("wait", { key }, more), id), ada);
      await scene.fixtures.moments.wait(`started:${key}`);
      const cancelled = await scene.ask(
        inSession(
          { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1 } },
          id,
        ),
        ada,
      );

      assertEquals(cancelled.status, 202);
      await scene.fixtures.moments.wait(`cancelled:${key}`);
      const { status, body } = await waiting;
      assertEquals(status, key === "hot" ? 202 : 200);
      await body?.cancel();
    }
  });
});
