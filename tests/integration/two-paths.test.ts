import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import * as v from "valibot";
import { defineTool } from "../../src/registry/definition.ts";
import { text } from "../../src/registry/result.ts";
import { categoryOf } from "../support/fixtures.ts";
import { type Harness, openHarness } from "../support/harness.ts";
import { initialize, modernMessage, post, rpcAnswer } from "../support/messages.ts";

type Json = Readonly<Record<string, unknown>>;

const image = { type: "image" as const, data: "AAAA", mimeType: "image/png" };

/** Tools whose results are anything but plain. */
const results = categoryOf(
  "results",
  [
    ["list", [1, 2, 3]],
    ["number", 7],
    ["nothing", undefined],
    ["null", null],
    ["text", "plain"],
    ["unicode", { ключ: "\u{1f600}\u2028" }],
    ["image", { content: [image] }],
    ["meta", { content: [text("x")], _meta: { "example.com/a": 1 } }],
    ["both", { content: [text("x")], structuredContent: { a: 1 } }],
    ["failed", { content: [text("no")], isError: true, structuredContent: { why: "x" } }],
    ["complete", { content: [text("x")], resultType: "complete" }],
  ].map(([name, value]) =>
    defineTool({
      name: `give_${name}`,
      description: `Give ${name}`,
      input: v.object({}),
      annotations: { readOnlyHint: true },
      run: () => value,
    }),
  ),
);

const typed = categoryOf("typed", [
  defineTool({
    name: "typed_list",
    description: "A list that was promised",
    input: v.object({}),
    output: v.array(v.number()),
    run: () => [1, 2],
  }),
  defineTool({
    name: "broken_promise",
    description: "Something else than was promised",
    input: v.object({}),
    output: v.object({ a: v.number() }),
    run: () => ({ a: "1" }) as unknown as { a: number },
  }),
]);

const call = (name: unknown, args?: unknown): Json => ({
  method: "tools/call",
  params: { name, ...(args !== undefined && { arguments: args }) },
});

/** Requests that both paths can answer. */
const requests: readonly Json[] = [
  { method: "tools/list" },
  { method: "tools/list", params: {} },
  { method: "tools/list", params: { cursor: "at:3" } },
  { method: "tools/list", params: { cursor: "at:99999" } },
  { method: "tools/list", params: { cursor: "nowhere" } },
  call("add", { a: 1, b: 2 }),
  call("add", { a: 1 }),
  call("add", { a: 1, b: "2" }),
  call("add", { a: 1, b: 2, c: 3 }),
  call("add"),
  call("nobody", {}),
  call("demo/add", { a: 1, b: 2 }),
  call("", {}),
  call("__proto__", {}),
  call("restart", {}),
  call("greet", {}),
  ...["result", "tool", "busy", "bug", "promise"].map((how) => call("fail", { how })),
  call("echo", { value: { deep: [{ a: null }] } }),
  ...results.toolNames.map((name) => call(name, {})),
  ...typed.toolNames.map((name) => call(name, {})),
  call("list_categories"),
  call("list_tools", { query: "add", limit: 2 }),
  call("list_tools", { limit: 0 }),
  call("get_schema", { tool: "add" }),
  call("get_schema", { tool: "ad" }),
  call("get_schema", {}),
  call("tools_get_schema", { tool: "add" }),
  call("dispatch", { tool: "add", params: { a: 1, b: 2 } }),
  call("dispatch", { tool: "add", params: { a: 1 } }),
  call("dispatch", { tool: "ad", params: {} }),
  call("dispatch", { tool: "restart" }),
  call("dispatch", { tool: "typed_list" }),
  call("dispatch", { tool: "give_number" }),
  call("dispatch", {}),
  call("dispatch"),
  call("tools_dispatch", { tool: "give_list" }),
  call("dispatch", { calls: [{ tool: "add", params: { a: 1, b: 2 } }, { tool: "ad" }] }),
];

const withToken = (message: Json): Json => {
  const params = (message.params ?? {}) as { readonly _meta?: Json };
  return { ...message, params: { ...params, _meta: { ...params._meta, progressToken: 5 } } };
};

/** The answer, told apart from how it travelled. */
async function answerTo({ app }: Harness, request: Request): Promise<unknown> {
  const { jsonrpc, id, ...answer } = await rpcAnswer(await app.fetch(request));
  assertEquals([jsonrpc, id], ["2.0", 1]);
  return answer;
}

const open = (t: Parameters<typeof openHarness>[0], view: string): Promise<Harness> =>
  openHarness(t, { config: { view }, categories: [results, typed] });

describe("the hot path and the SDK", () => {
  for (const view of ["meta", "flat"] as const) {
    it(`give the same answers in the modern era, ${view} view`, async (t) => {
      const harness = await open(t, view);
      for (const request of [...requests, { method: "server/discover" }]) {
        const message = modernMessage({ jsonrpc: "2.0", id: 1, ...request });

        const hot = await answerTo(harness, post(message));
        const sdk = await answerTo(harness, post(withToken(message)));

        assertEquals(hot, sdk, JSON.stringify(request));
      }
    });

    it(`give the same answers in a session of the legacy era, ${view} view`, async (t) => {
      const harness = await open(t, view);
      const begun = await harness.app.fetch(post(initialize()));
      await begun.body?.cancel();
      const session = { "mcp-session-id": begun.headers.get("mcp-session-id") ?? "" };
      for (const request of requests) {
        const message = { jsonrpc: "2.0", id: 1, ...request };

        const hot = await answerTo(harness, post(message, session));
        const sdk = await answerTo(harness, post(withToken(message), session));

        assertEquals(hot, sdk, JSON.stringify(request));
      }
    });
  }
});
