import { describe, it } from "node:test";
import { type Client, ProtocolError } from "@modelcontextprotocol/client";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import * as v from "valibot";
import { defineTool } from "../../src/registry/definition.ts";
import { openPlace } from "../support/client-links.ts";
import { categoryOf } from "../support/fixtures.ts";

/** More tools than fit on two pages. */
const many = categoryOf(
  "many",
  Array.from({ length: 1200 }, (_, at) =>
    defineTool({
      name: `many_${at}`,
      description: `Number ${at}`,
      input: v.object({}),
      annotations: { readOnlyHint: true },
      run: () => at,
    }),
  ),
);

const namesOf = async (client: Client): Promise<string[]> => {
  const names: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.listTools(cursor === undefined ? {} : { cursor });
    names.push(...page.tools.map(({ name }) => name));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return names;
};

const META = ["list_categories", "list_tools", "get_schema", "dispatch"];

describe("the views of one server", () => {
  for (const era of ["modern", "legacy"] as const) {
    it(`have an address each, whatever the default is, ${era} era`, async (t) => {
      const place = await openPlace(t, "port", { config: { view: "hybrid", pinned: ["notes"] } });
      const shown = async (path: string): Promise<string[]> =>
        namesOf(await place.connect(era, { path }));

      assertEquals(await shown("/mcp"), META);
      assertEquals(await shown("/mcp/meta"), META);
      assertEquals(await shown("/mcp/hybrid"), META);
      const flat = await shown("/mcp/flat");
      assert(flat.includes("add") && !META.some((name) => flat.includes(name)));
    });

    it(`come in pages that together are the whole, ${era} era`, async (t) => {
      const place = await openPlace(t, "fetch", { config: { view: "flat" }, categories: [many] });
      const client = await place.connect(era);

      const names = await namesOf(client);

      assertEquals(new Set(names).size, names.length);
      for (const name of many.toolNames) assert(names.includes(name), name);
      const error = await assertRejects(
        () => client.listTools({ cursor: "at:7777" }),
        ProtocolError,
      );
      assertEquals(error.code, -32602);
    });

    it(`let every tool be called by its name, ${era} era`, async (t) => {
      const place = await openPlace(t, "fetch", { categories: [many] });
      const client = await place.connect(era);

      const direct = await client.callTool({ name: "many_1199", arguments: {} });
      const dispatched = await client.callTool({
        name: "dispatch",
        arguments: { tool: "many_1199" },
      });
      const alias = await client.callTool({
        name: "tools_dispatch",
        arguments: { tool: "many/many_1199", params: {} },
      });

      for (const { content } of [direct, dispatched, alias]) {
        assertEquals(content, [{ type: "text", text: "1199" }]);
      }
    });
  }

  it("cost the same in a model's context however many tools there are", async (t) => {
    const small = await (await openPlace(t, "fetch")).connect("modern");
    const large = await (await openPlace(t, "fetch", { categories: [many] })).connect("modern");

    assertEquals((await large.listTools()).tools, (await small.listTools()).tools);
  });

  it("name their tools when an address is wrong", async (t) => {
    const place = await openPlace(t, "fetch");
    const answer = await place.harness?.app.fetch(
      new Request("http://127.0.0.1/mcp/flats", { method: "POST" }),
    );

    assertEquals(answer?.status, 404);
    assertStringIncludes((await answer?.text()) ?? "", "/mcp/flat");
  });
});
