import { describe, it } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { serveLightly } from "../../src/mcp/light-server.ts";
import { serveMessages } from "../../src/mcp/serve-messages.ts";
import { localCaller } from "../../src/registry/caller.ts";
import { createMcpScene, type McpScene } from "../support/mcp-scene.ts";
import { modernMessage } from "../support/messages.ts";
import { type ServeScene, testMessageServer, type Write } from "./message-server.ts";

const caller = (): typeof localCaller => localCaller;

const light: ServeScene = ({ engine, hotPath, clock, reports }, write) =>
  serveLightly({ engine, hotPath, caller, clock, report: (error) => reports.push(error), write });

testMessageServer("serveMessages()", (scene, write) => {
  const { engine, hotPath, seal, changes, clock, reports } = scene;
  const report = (error: Error): void => void reports.push(error);
  return serveMessages({
    ...{ engine, hotPath, seal, changes, clock, report, write, caller },
    view: "flat",
  });
});
testMessageServer("serveLightly()", light);

type Json = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What the light server answers to the messages, one after the other. */
async function answers(
  messages: readonly object[],
  scene: McpScene = createMcpScene(),
): Promise<readonly Json[]> {
  const written: Json[] = [];
  const write: Write = (text) => void written.push(JSON.parse(text));
  const server = light(scene, write);
  for (const message of messages) {
    server.receive(message);
    await server.drain();
  }
  return written;
}

const fieldOf = (answer: Json | undefined, part: "result" | "error", field: string): unknown =>
  (answer?.[part] as Json | undefined)?.[field];

const call = (params: object): object =>
  modernMessage({ jsonrpc: "2.0", id: 1, method: "tools/call", params });

describe("serveLightly()", () => {
  it("offers tools and nothing else", async () => {
    const discover = { jsonrpc: "2.0", id: 1, method: "server/discover" };
    const read = { jsonrpc: "2.0", id: 2, method: "resources/read", params: { uri: "note://a" } };

    const [about, refused] = await answers([modernMessage(discover), modernMessage(read)]);

    assertEquals(fieldOf(about, "result", "capabilities"), { tools: {} });
    assertEquals(fieldOf(refused, "error", "code"), -32601);
  });

  it("says that it passes no questions on", async () => {
    const params = { name: "greet", arguments: { name: "Ada" } };
    const elicit = { jsonrpc: "2.0", id: 1, method: "tools/call", params };

    const [asks] = await answers([modernMessage(elicit, { elicitation: { form: {} } })]);
    const [answersToo] = await answers([call({ ...params, inputResponses: {} })]);

    for (const answer of [asks, answersToo]) {
      assertEquals(fieldOf(answer, "error", "code"), -32602);
      assertMatch(String(fieldOf(answer, "error", "message")), /ask/);
    }
  });

  it("calls a tool also where logs are wanted, and gives none", async () => {
    const params = { name: "add", arguments: { a: 1, b: 2 } };
    const message = { jsonrpc: "2.0", id: 1, method: "tools/call", params };
    const logLevel = { "io.modelcontextprotocol/logLevel": "debug" };

    const written = await answers([modernMessage(message, {}, logLevel)]);

    assertEquals(written.length, 1);
    assertEquals(fieldOf(written[0], "result", "structuredContent"), { sum: 3 });
  });

  it("refuses a request without a shape, and a progress token that is none", async () => {
    const shapeless = [
      { jsonrpc: "1.0", id: 1, method: "ping" },
      { jsonrpc: "2.0", id: null, method: "ping" },
      { jsonrpc: "2.0", id: 1.5, method: "ping" },
      { jsonrpc: "2.0", id: 1, method: 5 },
      { jsonrpc: "2.0", id: 1, method: "ping", params: [] },
      { jsonrpc: "2.0", id: 1, method: "tools/list", params: { _meta: 1 } },
    ];
    const refusals = await answers(shapeless);
    assertEquals(
      refusals.map((answer) => [answer.id, fieldOf(answer, "error", "code")]),
      [1, null, null, 1, 1, 1].map((id) => [id, -32600]),
    );
    const _meta = { progressToken: {} };
    const message = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "add", _meta } };

    const [refused] = await answers([message]);

    assertEquals(fieldOf(refused, "error", "code"), -32602);
  });

  it("answers no request twice, and goes on, whatever is sent", async () => {
    const json = fc.jsonValue({ maxDepth: 3 });
    const field = <T>(...usual: fc.Arbitrary<T>[]) =>
      fc.oneof({ weight: 3, arbitrary: fc.oneof(...usual) }, json);
    const envelope = fc.constantFrom("2026-07-28", "2025-11-25", 7);
    const params = fc.record(
      {
        name: field(fc.constantFrom("add", "echo", "fail", "nowhere", "__proto__")),
        arguments: field(fc.constant({ a: 1, b: 2 })),
        cursor: field(fc.string()),
        _meta: field(
          fc.record(
            {
              "io.modelcontextprotocol/protocolVersion": envelope,
              "io.modelcontextprotocol/clientCapabilities": field(fc.constant({})),
              progressToken: field(fc.integer()),
            },
            { requiredKeys: [] },
          ),
        ),
      },
      { requiredKeys: [] },
    );
    const methods = [
      "tools/list",
      "tools/call",
      "initialize",
      "ping",
      "server/discover",
      "toString",
    ];
    const message = fc.record(
      {
        jsonrpc: field(fc.constant("2.0")),
        id: field<unknown>(fc.integer(), fc.string()),
        method: field(fc.constantFrom(...methods)),
        params: field(params),
      },
      { requiredKeys: [] },
    );
    const sum = { jsonrpc: "2.0", method: "tools/call", params: { name: "add" } };
    const args = { a: 20, b: 22 };
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(message, json), { maxLength: 12 }), async (messages) => {
        const written: Json[] = [];
        const server = light(createMcpScene(), (text) => void written.push(JSON.parse(text)));
        for (const one of messages) {
          // Every request has an id of its own, so that each answer has one question.
          if (isFields(one) && "id" in one) Object.assign(one, { id: crypto.randomUUID() });
          server.receive(one);
        }
        server.receive(
          modernMessage({ ...sum, id: "after", params: { ...sum.params, arguments: args } }),
        );
        await server.drain();

        const ids = written.map(({ id }) => id).filter((id) => id !== null && id !== undefined);
        assertEquals(new Set(ids).size, ids.length, "an id was answered twice");
        const [after] = written.filter(({ id }) => id === "after");
        assertEquals(fieldOf(after, "result", "structuredContent"), { sum: 42 });
        assert(written.every((one) => one.jsonrpc === "2.0"));
      }),
      { numRuns: 200, seed: 20260401 },
    );
  });
});
