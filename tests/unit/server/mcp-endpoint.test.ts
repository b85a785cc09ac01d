import { describe, it } from "node:test";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Extension } from "../../../src/mcp/engine.ts";
import { callerOf } from "../../support/callers.ts";
import { createMcpScene } from "../../support/mcp-scene.ts";
import { initialize, modernMessage, post, rpcAnswer } from "../../support/messages.ts";

type Json = Readonly<Record<string, unknown>>;

const add: Json = modernMessage({
  jsonrpc: "2.0",
  id: 1,
  method: "tools/call",
  params: { name: "add", arguments: { a: 1, b: 2 } },
});

const list: Json = modernMessage({ jsonrpc: "2.0", id: 1, method: "tools/list" });

async function failureOf(response: Response): Promise<[number, unknown]> {
  const { error } = await rpcAnswer(response);
  return [response.status, (error as Json | undefined)?.code];
}

describe("POST /mcp", () => {
  it("answers a modern call as JSON, and one with progress as a stream", async () => {
    const { ask } = createMcpScene();

    const plain = await ask(post(add));
    const { params, ...rest } = add as { params: { _meta: Json } };
    const _meta = { ...params._meta, progressToken: 1 };
    const streamed = await ask(post({ ...rest, params: { ...params, _meta } }));

    assertEquals(plain.headers.get("content-type"), "application/json");
    const { result } = (await rpcAnswer(plain)) as { result: Json };
    assertEquals([result.structuredContent, result.resultType], [{ sum: 3 }, "complete"]);
    assertEquals(((await rpcAnswer(streamed)) as { result: Json }).result.structuredContent, {
      sum: 3,
    });
  });

  it("refuses a request whose headers say something else than its body", async () => {
    const { ask } = createMcpScene();
    for (const headers of [
      { "mcp-name": "wipe" },
      { "mcp-method": "tools/list" },
      { "mcp-method": "", "mcp-name": "" },
    ]) {
      assertEquals(await failureOf(await ask(post(add, headers))), [400, -32020]);
    }
    const [status] = await failureOf(
      await ask(post(add, { "mcp-protocol-version": "2025-06-18" })),
    );
    assertEquals(status, 400);
  });

  it("refuses what is no message, too long, no JSON, or breaks off", async () => {
    const { ask } = createMcpScene();
    const broken = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('{"jsonrpc":'));
        controller.error(new TypeError("connection reset"));
      },
    });
    const headers = { "content-type": "application/json" };
    // Node's types do not know yet that a streamed body needs this.
    const half = { method: "POST", headers, body: broken, duplex: "half" } as RequestInit;

    assertEquals(await failureOf(await ask(post("null"))), [400, -32600]);
    assertEquals(await failureOf(await ask(post("7"))), [400, -32600]);
    assertEquals(await failureOf(await ask(post("{"))), [400, -32700]);
    assertEquals(await failureOf(await ask(post(`"${"x".repeat(100_001)}"`))), [413, -32600]);
    assertEquals(
      await failureOf(await ask(post(add, { "content-type": "text/plain" }))),
      [415, -32600],
    );
    const cut = await ask(new Request("http://127.0.0.1/mcp", half));
    assertEquals(cut.status, 400);
    assertStringIncludes(await cut.text(), "ended before it was complete");
  });

  it("answers an unknown method with 404, and an unknown revision with those it knows", async () => {
    const { ask } = createMcpScene();
    const unknown = modernMessage({ jsonrpc: "2.0", id: 1, method: "tools/destroy" });
    const tomorrow = "2027-01-01";
    const { params, ...rest } = list as { params: { _meta: Json } };
    const meta = { ...params._meta, "io.modelcontextprotocol/protocolVersion": tomorrow };
    const future = { ...rest, params: { ...params, _meta: meta } };

    assertEquals(await failureOf(await ask(post(unknown))), [404, -32601]);
    const headers = { "mcp-protocol-version": tomorrow, "mcp-method": "tools/list" };
    const { error } = await rpcAnswer(await ask(post(future, headers)));
    assertEquals((error as Json).code, -32022);
    assertStringIncludes(JSON.stringify((error as Json).data), "2026-07-28");
  });

  it("shows each caller its own tools", async () => {
    const { ask } = createMcpScene();
    const namesFor = async (caller: ReturnType<typeof callerOf>): Promise<string[]> => {
      const { result } = await rpcAnswer(await ask(post(list), caller));
      return (result as { tools: { name: string }[] }).tools.map(({ name }) => name);
    };

    assert((await namesFor(callerOf("*"))).includes("wipe"));
    const reader = await namesFor(callerOf("*", "read"));
    assert(reader.includes("add") && !reader.includes("wipe"));
    assertEquals(await namesFor(callerOf(["notes"])), []);
  });

  it("serves extensions beside the core methods, to both eras", async () => {
    const extension: Extension = {
      id: "example.com/clock",
      settings: { precise: true },
      methods: new Map([
        ["clock/now", async (params, { caller }) => ({ zone: params.zone, for: caller.id })],
      ]),
    };
    const { ask } = createMcpScene([extension]);
    const now = { jsonrpc: "2.0", id: 1, method: "clock/now", params: { zone: "UTC" } };
    const discover = modernMessage({ jsonrpc: "2.0", id: 1, method: "server/discover" });

    const { result: found } = await rpcAnswer(await ask(post(discover)));
    const { result: modern } = await rpcAnswer(await ask(post(modernMessage(now))));
    const begun = await ask(post(initialize()));
    await begun.text();
    const session = { "mcp-session-id": begun.headers.get("mcp-session-id") ?? "" };
    const { result: legacy } = await rpcAnswer(await ask(post(now, session)));

    const { extensions } = (found as { capabilities: Json }).capabilities;
    assertEquals(extensions, { "example.com/clock": { precise: true } });
    for (const result of [modern, legacy] as Json[]) {
      assertEquals([result.zone, result.for], ["UTC", "local"]);
    }
  });
});

describe("subscriptions/listen", () => {
  const listen = (notifications: object): Json =>
    modernMessage({
      jsonrpc: "2.0",
      id: "s1",
      method: "subscriptions/listen",
      params: { notifications },
    });

  it("watches the resources it names, each once, until the stream ends", async () => {
    const { ask, fixtures } = createMcpScene();
    const resourceSubscriptions = ["note://a", "note://a", "note://b"];

    const response = await ask(post(listen({ resourceSubscriptions })));
    assertEquals(fixtures.watched, ["+note://a", "+note://b"]);
    await response.body?.cancel();

    assertEquals(fixtures.watched, ["+note://a", "+note://b", "-note://a", "-note://b"]);
  });

  it("tells of what it asked for and of nothing else", async () => {
    const { ask, changes } = createMcpScene();
    const response = await ask(post(listen({ resourceSubscriptions: ["note://a"] })));
    assert(response.body);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();

    changes.publish({ kind: "tools_list_changed" });
    changes.publish({ kind: "resource_updated", uri: "note://b" });
    changes.publish({ kind: "resource_updated", uri: "note://a" });
    let text = "";
    while (!text.includes("notifications/resources/updated")) {
      text += (await reader.read()).value ?? "";
    }
    await reader.cancel();

    assertStringIncludes(text, "notifications/subscriptions/acknowledged");
    assert(!text.includes("list_changed") && !text.includes("note://b"), text);
  });
});

describe("other methods of /mcp", () => {
  it("are refused where neither era knows them", async () => {
    const { ask } = createMcpScene();
    for (const method of ["PUT", "PATCH", "HEAD"]) {
      const response = await ask(new Request("http://127.0.0.1/mcp", { method }));
      assertEquals([response.status, response.headers.get("allow")], [405, "GET, POST, DELETE"]);
    }
  });
});
