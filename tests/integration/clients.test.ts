import { describe, it, type TestContext } from "node:test";
import { type Client, ProtocolError } from "@modelcontextprotocol/client";
import { McpError } from "@modelcontextprotocol/sdk/types.js";
import {
  assert,
  assertEquals,
  assertExists,
  assertInstanceOf,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { type Era, type Link, openPlace } from "../support/client-links.ts";

const links: readonly Link[] = ["fetch", "port", "stdio"];
const eras: readonly Era[] = ["modern", "legacy", "auto"];

/** The structured content of a call. */
async function structured(client: Client, name: string, args: object): Promise<unknown> {
  const result = await client.callTool({ name, arguments: { ...args } });
  return result.structuredContent;
}

/** Let a moment come that another call waits for. */
function begin(client: Pick<Client, "callTool">, moment: string): void {
  void client.callTool({ name: "begin", arguments: { moment } });
}

/** Which revision a client of this era ends up with. */
const VERSIONS: Readonly<Record<Era, string>> = {
  modern: "2026-07-28",
  legacy: "2025-11-25",
  auto: "2026-07-28",
};

async function usesMetaTools(t: TestContext, link: Link, era: Era): Promise<void> {
  const place = await openPlace(t, link);
  const client = await place.connect(era);

  assertEquals(client.getServerVersion()?.name, "mcplusplus");
  assertEquals(client.getNegotiatedProtocolVersion(), VERSIONS[era]);
  assertStringIncludes(client.getInstructions() ?? "", "dispatch");

  const { tools } = await client.listTools();
  assertEquals(
    tools.map(({ name }) => name),
    ["list_categories", "list_tools", "get_schema", "dispatch"],
  );

  const { categories } = (await structured(client, "list_categories", {})) as {
    categories: { name: string; toolCount: number }[];
  };
  assertEquals(categories.map(({ name }) => name).slice(0, 2), ["demo", "notes"]);

  const found = (await structured(client, "list_tools", {
    query: "sum two numbers",
    limit: 1,
  })) as {
    tools: { name: string }[];
  };
  assertEquals(
    found.tools.map(({ name }) => name),
    ["add"],
  );

  const schema = (await structured(client, "get_schema", { tool: "add" })) as {
    example: { tool: string; params: Record<string, unknown> };
  };
  assertEquals(schema.example, { tool: "add", params: { a: 1, b: 2 } });

  const dispatched = await client.callTool({ name: "dispatch", arguments: schema.example });
  assertEquals(dispatched.structuredContent, { sum: 3 });
  assertEquals(await structured(client, "add", { a: 20, b: 22 }), { sum: 42 });
}

describe("a client of SDK v2", () => {
  for (const link of links) {
    for (const era of eras) {
      it(`finds, describes and calls tools by ${link} in mode ${era}`, (t) =>
        usesMetaTools(t, link, era));
    }

    it(`hears the nearest name for a wrong one by ${link}`, async (t) => {
      const place = await openPlace(t, link);
      for (const era of ["modern", "legacy"] as const) {
        const client = await place.connect(era);

        const error = await assertRejects(
          () => client.callTool({ name: "ad", arguments: {} }),
          ProtocolError,
        );

        assertEquals(error.code, -32602);
        assertStringIncludes(error.message, "did you mean add");
      }
    });

    it(`gets a tool's failure and a wrong parameter as results by ${link}`, async (t) => {
      const place = await openPlace(t, link);
      for (const era of ["modern", "legacy"] as const) {
        const client = await place.connect(era);

        const failed = await client.callTool({ name: "fail", arguments: { how: "bug" } });
        const wrong = await client.callTool({
          name: "dispatch",
          arguments: { tool: "add", params: { a: 1, c: 2 } },
        });

        assertEquals(failed.isError, true);
        assertEquals(failed.content, [{ type: "text", text: "tool_failed: x is not a function" }]);
        assertEquals(wrong.isError, true);
        assertStringIncludes(JSON.stringify(wrong.content), 'no parameter \\"c\\"');
        assertStringIncludes(JSON.stringify(wrong.content), "example");
      }
    });

    it(`sees every tool in the flat view and the pinned ones in the hybrid by ${link}`, async (t) => {
      const flat = await openPlace(t, link, { config: { view: "flat" } });
      const hybrid = await openPlace(t, link, { config: { view: "hybrid", pinned: ["demo"] } });
      for (const era of ["modern", "legacy"] as const) {
        const inFlat = await (await flat.connect(era)).listTools();
        const inHybrid = await (await hybrid.connect(era)).listTools();

        assert(inFlat.tools.some(({ name }) => name === "add"));
        assert(!inFlat.tools.some(({ name }) => name === "dispatch"));
        assertEquals(inHybrid.tools.length, inFlat.tools.length + 4);
        const add = inFlat.tools.find(({ name }) => name === "add");
        assertEquals(Object.keys(add?.inputSchema.properties ?? {}), ["a", "b"]);
        assertExists(add?.outputSchema);
      }
    });

    it(`hears of progress by ${link}`, async (t) => {
      const place = await openPlace(t, link);
      for (const era of ["modern", "legacy"] as const) {
        const client = await place.connect(era);
        const steps: (readonly [number, number | undefined, string | undefined])[] = [];

        // The call goes on until its last step was heard: a client forgets who listens once it has
        // the answer, also of steps that came before it in the same piece of the stream.
        const until = `heard by ${era}`;
        const result = await client.callTool(
          { name: "count", arguments: { to: 3, until } },
          {
            onprogress({ progress, total, message }) {
              steps.push([progress, total, message]);
              if (progress === total) begin(client, until);
            },
          },
        );

        assertEquals(result.structuredContent, { counted: 3 });
        assertEquals(steps, [
          [1, 3, "step 1"],
          [2, 3, "step 2"],
          [3, 3, "step 3"],
        ]);
      }
    });

    it(`answers a question of a tool by ${link}`, async (t) => {
      const place = await openPlace(t, link);
      for (const era of ["modern", "legacy"] as const) {
        const asked: unknown[] = [];
        const client = await place.connect(era, {
          capabilities: { elicitation: {} },
          prepare: (one) =>
            one.setRequestHandler("elicitation/create", ({ params }) => {
              asked.push(params.message);
              return { action: "accept", content: { name: "Ada" } };
            }),
        });

        const direct = await client.callTool({ name: "greet", arguments: {} });
        const dispatched = await client.callTool({
          name: "dispatch",
          arguments: { tool: "greet", params: {} },
        });

        assertEquals(direct.structuredContent, { greeting: "Hello Ada, kept for you" });
        assertEquals(dispatched.structuredContent, { greeting: "Hello Ada, kept for you" });
        assertEquals(asked, ["Your name?", "Your name?"]);
      }
    });

    it(`runs a batch in parallel, of which one fails, by ${link}`, async (t) => {
      const client = await (await openPlace(t, link)).connect("modern");

      // The first waits for the second: one after the other, they would never end.
      const result = await client.callTool({
        name: "dispatch",
        arguments: {
          calls: [
            { tool: "seen", params: { moment: "started:batch" } },
            { tool: "wait_for_nothing", params: {} },
            { tool: "add", params: { a: 1, b: 1 } },
            { tool: "dispatch", params: { tool: "add", params: { a: 2, b: 2 } } },
            { tool: "begin", params: { moment: "started:batch" } },
          ],
        },
      });

      const { results } = result.structuredContent as {
        results: { tool: string; isError?: boolean; structuredContent?: unknown }[];
      };
      assertEquals(
        results.map(({ isError }) => isError === true),
        [false, true, false, false, false],
      );
      assertEquals(results[0]?.structuredContent, { moment: "started:batch" });
      assertEquals(results[2]?.structuredContent, { sum: 2 });
      assertEquals(results[3]?.structuredContent, { sum: 4 });
    });

    it(`reads resources, prompts and completions of a category by ${link}`, async (t) => {
      const place = await openPlace(t, link);
      for (const era of ["modern", "legacy"] as const) {
        const client = await place.connect(era);

        const { resources } = await client.listResources();
        const { resourceTemplates } = await client.listResourceTemplates();
        const { contents } = await client.readResource({ uri: "note://b" });
        const { prompts } = await client.listPrompts();
        const prompt = await client.getPrompt({ name: "hello", arguments: { who: "Ada" } });
        const { completion } = await client.complete({
          ref: { type: "ref/prompt", name: "hello" },
          argument: { name: "who", value: "a" },
        });
        const unknown = await assertRejects(
          () => client.readResource({ uri: "note://z" }),
          ProtocolError,
        );

        assertEquals(
          resources.map(({ uri }) => uri),
          ["note://a", "note://b"],
        );
        assertEquals(
          resourceTemplates.map(({ uriTemplate }) => uriTemplate),
          ["note://{id}"],
        );
        assertEquals(contents, [{ uri: "note://b", text: "second" }]);
        assertEquals(
          prompts.map(({ name }) => name),
          ["hello"],
        );
        assertEquals(prompt.messages[0]?.content, { type: "text", text: "Hello Ada" });
        assertEquals(completion.values, ["ada", "alan"]);
        assertStringIncludes(unknown.message, "note://z");
      }
    });

    it(`hears that the list of tools changed by ${link}`, async (t) => {
      const place = await openPlace(t, link, { config: { view: "flat" } });

      const legacy = await place.connect("legacy");
      const heard = Promise.withResolvers<void>();
      legacy.setNotificationHandler("notifications/tools/list_changed", () => heard.resolve());
      await legacy.callTool({ name: "grow", arguments: {} });
      await heard.promise;

      const modern = await place.connect("modern");
      const told = Promise.withResolvers<void>();
      modern.setNotificationHandler("notifications/tools/list_changed", () => told.resolve());
      const subscription = await modern.listen({ toolsListChanged: true });
      await modern.callTool({ name: "grow", arguments: {} });
      await told.promise;
      await subscription.close();

      for (const client of [legacy, modern]) {
        const { tools } = await client.listTools();
        assert(tools.some(({ name }) => name === "new_tool"));
      }
    });
  }
});

describe("a client of SDK v1", () => {
  for (const link of links) {
    it(`lists, calls, hears progress and answers questions by ${link}`, async (t) => {
      const place = await openPlace(t, link);
      const { ElicitRequestSchema } = await import("@modelcontextprotocol/sdk/types.js");
      const client = await place.connectV1({
        capabilities: { elicitation: {} },
        prepareV1: (one) =>
          one.setRequestHandler(ElicitRequestSchema, () => ({
            action: "accept" as const,
            content: { name: "Grace" },
          })),
      });
      const steps: number[] = [];

      const { tools } = await client.listTools();
      const sum = await client.callTool({ name: "add", arguments: { a: 1, b: 2 } });
      const counted = await client.callTool(
        { name: "count", arguments: { to: 2, until: "heard" } },
        undefined,
        {
          onprogress({ progress }) {
            steps.push(progress);
            if (progress === 2) {
              void client.callTool({ name: "begin", arguments: { moment: "heard" } });
            }
          },
        },
      );
      const greeted = await client.callTool({
        name: "dispatch",
        arguments: { tool: "greet", params: {} },
      });
      const unknown = await assertRejects(() => client.callTool({ name: "addd", arguments: {} }));
      const { contents } = await client.readResource({ uri: "note://a" });

      assertEquals(tools.length, 4);
      assertEquals(sum.structuredContent, { sum: 3 });
      assertEquals(counted.structuredContent, { counted: 2 });
      assertEquals(steps, [1, 2]);
      assertEquals(greeted.structuredContent, { greeting: "Hello Grace, kept for you" });
      assertInstanceOf(unknown, McpError);
      assertEquals(unknown.code, -32602);
      assertEquals(contents, [{ uri: "note://a", text: "first" }]);
    });
  }
});
