/** What every server of whole messages promises its clients, in both eras. @module */

import { describe, it } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { MessageServer } from "../../src/mcp/message-server.ts";
import { createMcpScene, type McpScene } from "../support/mcp-scene.ts";
import { initialize, modernMessage } from "../support/messages.ts";

type Json = Readonly<Record<string, unknown>>;
type Era = "modern" | "legacy";

/** Takes what the server says. */
export type Write = (text: string, answers?: unknown) => undefined;

/** How the suite gets its subject: a server of the scene's tools. */
export type ServeScene = (scene: McpScene, write: Write) => MessageServer;

const request = (id: unknown, method: string, params: object = {}): object => ({
  jsonrpc: "2.0",
  id,
  method,
  params,
});

const callOf = (id: unknown, name: string, args: unknown = {}, more: object = {}): object =>
  request(id, "tools/call", { name, arguments: args, ...more });

const cancel = (requestId: unknown): object => ({
  jsonrpc: "2.0",
  method: "notifications/cancelled",
  params: { requestId },
});

interface Client {
  readonly scene: McpScene;
  readonly server: MessageServer;
  /** Everything that was written, as messages, and the ids that each was said to answer. */
  readonly written: readonly Json[];
  readonly answers: readonly unknown[];
  /** Send a message; gives the answer with its id. */
  ask(message: object): Promise<Json>;
  next(id: unknown): Promise<Json>;
  /** The message in the words of this client's era. */
  inEra(message: object, meta?: Json): object;
}

function connect(serve: ServeScene, era: Era = "modern"): Client {
  const scene = createMcpScene();
  const written: Json[] = [];
  const answers: unknown[] = [];
  const waiting = new Set<() => void>();
  const server = serve(scene, (text, answered) => {
    written.push(JSON.parse(text));
    if (answered !== undefined) answers.push(answered);
    for (const check of waiting) check();
    return undefined;
  });
  const next = (id: unknown): Promise<Json> =>
    new Promise((resolve) => {
      const check = (): void => {
        const found = written.find((message) => message.id === id);
        if (!found) return;
        waiting.delete(check);
        resolve(found);
      };
      waiting.add(check);
      check();
    });
  return {
    ...{ scene, server, written, answers, next },
    ask(message) {
      server.receive(message);
      return next((message as { readonly id: unknown }).id);
    },
    inEra(message, meta = {}) {
      if (era === "modern") return modernMessage(message, {}, meta);
      const { params } = message as { readonly params: object };
      return { ...message, params: { ...params, ...(Object.keys(meta)[0] && { _meta: meta }) } };
    },
  };
}

/** A client whose first messages have decided its era. */
async function open(serve: ServeScene, era: Era): Promise<Client> {
  const client = connect(serve, era);
  if (era === "modern") await client.ask(client.inEra(request("first", "tools/list")));
  else {
    await client.ask(initialize());
    client.server.receive({ jsonrpc: "2.0", method: "notifications/initialized" });
  }
  return client;
}

const codeOf = ({ error }: Json): unknown => (error as Json | undefined)?.code;
const namesIn = (answer: Json): string[] =>
  ((answer.result as Json).tools as { readonly name: string }[]).map(({ name }) => name);

/** Declare the suite for one server. */
export function testMessageServer(name: string, serve: ServeScene): void {
  describe(`${name}, opening`, () => {
    it("introduces itself to a modern client, which may go on as it likes", async () => {
      const client = connect(serve);

      const { result } = await client.ask(client.inEra(request(1, "server/discover")));

      const { supportedVersions, capabilities, _meta } = result as Json;
      assertEquals(supportedVersions, ["2026-07-28"]);
      assert("tools" in (capabilities as Json));
      assertEquals((_meta as Json)["io.modelcontextprotocol/serverInfo"], {
        name: "scene",
        title: "Scene",
        version: "0.0.0-test",
      });
      const { result: later } = await client.ask(initialize());
      assertEquals((later as Json).protocolVersion, "2025-11-25");
    });

    it("agrees on the version of a legacy client, or offers its newest", async () => {
      for (const [asked, given] of [
        ["2025-06-18", "2025-06-18"],
        ["1999-01-01", "2025-11-25"],
      ]) {
        const { result } = await connect(serve).ask(initialize({}, asked));
        assertEquals((result as Json).protocolVersion, given);
        assertEquals((result as { serverInfo: Json }).serverInfo.name, "scene");
        assert("tools" in (result as { capabilities: Json }).capabilities);
      }
    });

    it("answers pings of a legacy client, and nothing to what is no request", async () => {
      const client = await open(serve, "legacy");
      const before = client.written.length;

      client.server.receive({ jsonrpc: "2.0", method: "notifications/roots/list_changed" });
      client.server.receive({ jsonrpc: "2.0", id: 77, result: {} });
      const pong = await client.ask(request(2, "ping"));

      assertEquals(pong, { jsonrpc: "2.0", id: 2, result: {} });
      assertEquals(client.written.length, before + 1);
    });

    it("refuses what is no object, and what its transport could not read", async () => {
      const client = connect(serve);
      for (const message of ["text", 7, null, [], [request(1, "ping")]]) {
        client.server.receive(message);
      }
      client.server.refuse("This is no JSON", -32700);

      const codes = client.written.map(codeOf);
      assertEquals(codes, [-32600, -32600, -32600, -32600, -32600, -32700]);
      assert(client.written.every(({ id }) => id === null));
    });

    it("answers what bears an id and is no request under that id", () => {
      const client = connect(serve);
      client.server.receive({ jsonrpc: "2.0", id: 7, method: "ping", params: [] });
      client.server.receive({ id: "a", method: "ping" });
      client.server.receive({ jsonrpc: "2.0", id: { not: "one" }, method: "ping" });

      assertEquals(
        client.written.map(({ id, error }) => [id, (error as Json).code]),
        [
          [7, -32600],
          ["a", -32600],
          [null, -32600],
        ],
      );
    });

    it("names the versions that it knows to who asks for another", async () => {
      const client = connect(serve);
      const version = { "io.modelcontextprotocol/protocolVersion": "2030-01-01" };

      const answer = await client.ask(client.inEra(request(1, "tools/list"), version));

      assertEquals(codeOf(answer), -32022);
      assertEquals((answer.error as { data: Json }).data, {
        supported: ["2026-07-28"],
        requested: "2030-01-01",
      });
    });

    it("keeps a modern client to the modern era", async () => {
      const client = await open(serve, "modern");

      assertEquals(codeOf(await client.ask(request(1, "tools/list"))), -32602);
      assertEquals(codeOf(await client.ask(initialize())), -32022);
      assertEquals(codeOf(await client.ask(client.inEra(request(2, "ping")))), -32601);
    });

    it("says which part of the envelope is missing", async () => {
      const _meta = { "io.modelcontextprotocol/protocolVersion": "2026-07-28" };
      const answer = await connect(serve).ask(request(1, "tools/list", { _meta }));

      assertEquals(codeOf(answer), -32602);
      assertMatch((answer.error as { message: string }).message, /clientCapabilities/);
    });

    it("says what is wrong with an initialize", async () => {
      const answer = await connect(serve).ask(request(1, "initialize", {}));

      assertEquals(codeOf(answer), -32602);
      assertMatch((answer.error as { message: string }).message, /protocolVersion/);
    });
  });

  for (const era of ["modern", "legacy"] as const) {
    describe(`${name}, to a ${era} client`, () => {
      it("lists tools as they are now", async () => {
        const client = await open(serve, era);
        const first = await client.ask(client.inEra(request(1, "tools/list")));
        assert(namesIn(first).includes("add"));
        client.scene.fixtures.grow();

        const second = await client.ask(client.inEra(request(2, "tools/list")));

        assert(!namesIn(first).includes("new_tool") && namesIn(second).includes("new_tool"));
      });

      it("answers calls under their ids, in any order, and says which it answers", async () => {
        const client = await open(serve, era);
        const { server, inEra } = client;
        server.receive(inEra(callOf(1, "seen", { moment: "now" })));
        const { result } = await client.ask(inEra(callOf("two", "add", { a: 1, b: 2 })));
        assertEquals((result as Json).structuredContent, { sum: 3 });
        server.receive(inEra(callOf(3, "begin", { moment: "now" })));

        await client.next(1);

        const opening = era === "modern" ? "first" : 0;
        assertEquals(client.answers.slice(0, 2), [opening, "two"]);
        assertEquals(new Set(client.answers), new Set([opening, "two", 1, 3]));
      });

      it("gives a tool's failure as a result, and a wrong name as an error", async () => {
        const client = await open(serve, era);
        const { inEra } = client;

        const failed = await client.ask(inEra(callOf(1, "fail")));
        const wrong = await client.ask(inEra(callOf(2, "add", { a: "x" })));
        const unknown = await client.ask(inEra(callOf(3, "nowhere")));

        assertEquals((failed.result as Json).isError, true);
        assertEquals((wrong.result as Json).isError, true);
        const report = (wrong.result as { _meta: Json })._meta["mcplusplus/error"];
        assertEquals((report as Json).code, "invalid_input");
        assertEquals(codeOf(unknown), -32602);
        assertEquals((unknown.error as { data: Json }).data.code, "unknown_tool");
      });

      it("tells progress under the client's token, before the answer", async () => {
        const client = await open(serve, era);
        const counting = callOf(1, "count", { to: 3 });

        await client.ask(client.inEra(counting, { progressToken: "p" }));

        const told = client.written.filter(({ method }) => method === "notifications/progress");
        const params = told.map((message) => message.params as Json);
        assertEquals(
          params.map(({ progressToken, progress, total }) => [progressToken, progress, total]),
          [1, 2, 3].map((at) => ["p", at, 3]),
        );
        assertEquals(client.written.at(-1)?.id, 1);
      });

      it("tells nothing of progress to who did not ask", async () => {
        const client = await open(serve, era);

        await client.ask(client.inEra(callOf(1, "count", { to: 3 })));

        assert(client.written.every(({ method }) => method === undefined));
      });

      it("stops a call that is taken back, and says no more of it", async () => {
        const client = await open(serve, era);
        const { moments } = client.scene.fixtures;
        for (const [id, meta] of [
          ["plain", {}],
          ["telling", { progressToken: 1 }],
        ] as const) {
          client.server.receive(client.inEra(callOf(id, "wait", { key: id }), meta));
          await moments.wait(`started:${id}`);
          client.server.receive(cancel(id));
          await moments.wait(`cancelled:${id}`);
        }

        client.server.receive(cancel("nobody"));
        await client.ask(client.inEra(callOf("after", "add", { a: 1, b: 1 })));

        assert(client.written.every(({ id }) => id !== "plain" && id !== "telling"));
      });

      it("says what is wrong with params", async () => {
        const client = await open(serve, era);
        const wrong = [
          request(1, "tools/list", { cursor: 5 }),
          request(2, "tools/list", { cursor: "elsewhere" }),
          request(3, "tools/call", { arguments: {} }),
          callOf(4, "add", [1, 2]),
        ];
        for (const message of wrong) {
          const answer = await client.ask(client.inEra(message));
          assertEquals(
            [codeOf(answer), (answer.error as { data: Json }).data.code],
            [-32602, "invalid_input"],
          );
        }
      });

      it("knows no other methods, and goes on", async () => {
        const client = await open(serve, era);

        const answer = await client.ask(client.inEra(request(1, "nothing/like/it")));

        assertEquals(codeOf(answer), -32601);
        const { result } = await client.ask(client.inEra(callOf(2, "add", { a: 2, b: 2 })));
        assertEquals((result as Json).structuredContent, { sum: 4 });
      });

      it("drains: what runs is answered first, for a moment", async () => {
        const client = await open(serve, era);
        const { fixtures, clock } = client.scene;
        await client.server.drain();
        client.server.receive(client.inEra(callOf(1, "seen", { moment: "later" })));
        const drained = client.server.drain();
        fixtures.moments.happened("later");
        await drained;
        assert(client.answers.includes(1));
        client.server.receive(client.inEra(callOf(2, "wait", { key: "w" })));
        await fixtures.moments.wait("started:w");

        const gaveUp = client.server.drain();
        await clock.advance(1000);
        await gaveUp;
      });

      it("stops what runs when the client is gone", async () => {
        const client = await open(serve, era);
        client.server.receive(client.inEra(callOf(1, "wait", { key: "gone" })));
        await client.scene.fixtures.moments.wait("started:gone");

        await client.server.close();

        await client.scene.fixtures.moments.wait("cancelled:gone");
      });
    });
  }
}
