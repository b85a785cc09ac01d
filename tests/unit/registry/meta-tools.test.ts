import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { countTokens } from "gpt-tokenizer/encoding/o200k_base";
import * as v from "valibot";
import { InputError } from "../../../src/errors.ts";
import { type Caller, localCaller } from "../../../src/registry/caller.ts";
import type { ToolContext } from "../../../src/registry/context.ts";
import { defineTool, type Tool } from "../../../src/registry/definition.ts";
import { parseDispatch } from "../../../src/registry/dispatch.ts";
import { META_DEFINITIONS } from "../../../src/registry/meta-definitions.ts";
import {
  createMetaTools,
  exampleOf,
  META_ALIASES,
  META_NAMES,
} from "../../../src/registry/meta-tools.ts";
import { createRegistry } from "../../../src/registry/registry.ts";
import { createSearch } from "../../../src/registry/search.ts";
import { callerOf } from "../../support/callers.ts";
import { categoryOf } from "../../support/fixtures.ts";

const numbered = Array.from({ length: 12 }, (_, at) =>
  defineTool({
    name: `tool_${String(at).padStart(2, "0")}`,
    description: `Do number ${at}`,
    details: "At length.",
    input: v.object({ path: v.string(), depth: v.optional(v.number(), 2) }),
    annotations: { readOnlyHint: at % 2 === 0 },
    routing: at === 0 ? { timeoutMs: 7, ability: "admin" } : {},
    run: () => at,
  }),
);

function metaTools(): ReadonlyMap<string, Tool> {
  const registry = createRegistry();
  registry.put(categoryOf("numbers", numbered));
  registry.put(
    categoryOf("later", [], {
      toolNames: ["later_one"],
      availability: () => ({ available: false, reason: "not yet" }),
      load: () => Promise.reject(new Error("not yet")),
    }),
  );
  return createMetaTools({ registry, search: createSearch(registry), timeoutMs: () => 5000 });
}

/** The structured content of a call. */
async function call(
  name: string,
  input: object,
  caller: Caller = localCaller,
): Promise<Record<string, unknown>> {
  const tool = metaTools().get(name);
  assert(tool);
  const result = await tool.run(tool.parse(input), { caller } as ToolContext);
  return result.structuredContent as Record<string, unknown>;
}

const namesIn = ({ tools }: Record<string, unknown>): string[] =>
  (tools as { name: string }[]).map(({ name }) => name);

describe("the four definitions", () => {
  it("cost a model at most 400 tokens together", () => {
    assertEquals(countTokens(JSON.stringify({ tools: META_DEFINITIONS })) <= 400, true);
  });

  it("promise no parameter that the tools do not take", () => {
    assertEquals(
      META_DEFINITIONS.map(({ name }) => name),
      [...META_NAMES],
    );
    const tools = metaTools();
    for (const { name, inputSchema } of META_DEFINITIONS) {
      const { properties, required = [] } = inputSchema as {
        properties: Record<string, { type: string }>;
        required?: string[];
      };
      const tool = tools.get(name as string);
      if (!tool) continue;
      const taken = tool.inputSchema.properties as Record<string, { type: string }>;
      for (const [parameter, { type }] of Object.entries(properties)) {
        assertEquals(taken[parameter]?.type, type, `${name}.${parameter}`);
      }
      assert(required.every((parameter) => parameter in taken));
    }
  });

  it("describe a dispatch as it is read", () => {
    const dispatch = META_DEFINITIONS.find(({ name }) => name === "dispatch");
    assert(dispatch);
    const { properties } = dispatch.inputSchema as { properties: object };
    assertEquals(Object.keys(properties), ["tool", "params", "peer", "calls"]);

    assertEquals(parseDispatch({ tool: "a", params: {} }, 1).kind, "one");
    assertEquals(parseDispatch({ tool: "a", params: {}, peer: "studio" }, 1), {
      kind: "one",
      target: { tool: "a", category: "peer:studio", input: {} },
    });
    assertEquals(parseDispatch({ calls: [{ tool: "a", params: {} }] }, 1).kind, "batch");
  });

  it("have the aliases of the ancestor", () => {
    assertEquals(META_ALIASES.get("tools_dispatch"), "dispatch");
    assertEquals(META_ALIASES.size, 4);
  });
});

describe("list_categories", () => {
  it("shows every visible category, those that cannot run with the reason", async () => {
    const { categories } = await call("list_categories", {});

    assertEquals(categories, [
      {
        name: "numbers",
        title: "numbers",
        description: "Tools of numbers",
        toolCount: 12,
        runtime: "local",
        source: "builtin",
        available: true,
      },
      {
        name: "later",
        title: "later",
        description: "Tools of later",
        toolCount: 0,
        runtime: "local",
        source: "builtin",
        available: false,
        reason: "not yet",
      },
    ]);
    const { categories: uncounted } = await call(
      "list_categories",
      { includeCount: false },
      callerOf(["numbers"]),
    );
    assertEquals((uncounted as object[]).length, 1);
    assert(!("toolCount" in ((uncounted as object[])[0] ?? {})));
  });
});

describe("list_tools", () => {
  it("gives pages that together are the whole, each tool once", async () => {
    const seen: string[] = [];
    let cursor: unknown;
    do {
      const page = await call("list_tools", {
        category: "numbers",
        limit: 5,
        ...(cursor !== undefined && { cursor }),
      });
      seen.push(...namesIn(page));
      cursor = page.nextCursor;
    } while (cursor !== undefined);

    assertEquals(
      seen,
      numbered.map(({ name }) => name),
    );
  });

  it("shows the short description, hints and category of each", async () => {
    const { tools } = await call("list_tools", { limit: 1 });

    assertEquals(tools, [
      {
        name: "tool_00",
        category: "numbers",
        description: "Do number 0",
        annotations: { title: "Tool 00", readOnlyHint: true },
      },
    ]);
  });

  it("searches, everywhere or in a category, within what the caller sees", async () => {
    assertEquals(namesIn(await call("list_tools", { query: "number 7" }))[0], "tool_07");
    const reader = namesIn(await call("list_tools", { query: "number" }, callerOf("*", "read")));
    assertEquals(reader.includes("tool_07"), false);
    assertEquals(reader.length, 6);
    assertEquals(namesIn(await call("list_tools", { query: "   ", limit: 1 })), ["tool_00"]);
  });

  it("refuses a wrong category, cursor or limit", async () => {
    await assertRejects(() => call("list_tools", { category: "number" }), InputError, "numbers");
    await assertRejects(() => call("list_tools", { cursor: "nobody" }), InputError, "no cursor");
    const tool = metaTools().get("list_tools");
    for (const limit of [0, 201, 1.5, "5"]) {
      assertThrows(() => tool?.parse({ limit }), InputError, "/limit");
    }
  });
});

describe("get_schema", () => {
  it("describes a tool in full, with an example and the address of its interface", async () => {
    const { interfaceCid, inputSchema, ...rest } = await call("get_schema", { tool: "tool_00" });

    assertEquals(rest, {
      name: "tool_00",
      category: "numbers",
      title: "Tool 00",
      description: "Do number 0. At length.",
      annotations: { title: "Tool 00", readOnlyHint: true },
      runtime: "local",
      timeoutMs: 7,
      ability: "admin",
      example: { tool: "tool_00", params: { path: "…" } },
    });
    assertEquals((inputSchema as { required: string[] }).required, ["path"]);
    assert(String(interfaceCid).startsWith("bafyrei"));
    assertEquals((await call("get_schema", { tool: "tool_01" })).timeoutMs, 5000);
  });

  it("describes several at once, and hides what the caller may not see", async () => {
    assertEquals(namesIn(await call("get_schema", { tools: ["tool_03", "tool_01"] })), [
      "tool_03",
      "tool_01",
    ]);
    await assertRejects(() => call("get_schema", {}), InputError, '"tool"');
    await assertRejects(
      () => call("get_schema", { tool: "tool_01" }, callerOf("*", "read")),
      InputError,
      'no tool "tool_01"',
    );
    const many = Array(21).fill("tool_00");
    assertThrows(() => metaTools().get("get_schema")?.parse({ tools: many }), InputError, "/tools");
  });
});

describe("exampleOf()", () => {
  it("gives every required parameter a value of its kind", () => {
    const inputSchema = {
      type: "object",
      required: ["a", "b", "c", "d", "e", "f", "g"],
      properties: {
        a: { type: "string" },
        b: { type: "integer", default: 9 },
        c: { enum: ["x", "y"] },
        d: { const: 3 },
        e: { type: "array" },
        f: { examples: ["like this"] },
        h: { type: "string" },
      },
    };
    // Only the schema of a tool is looked at.
    const tool = { inputSchema } as unknown as Tool;

    assertEquals(exampleOf(tool), {
      a: "…",
      b: 9,
      c: "x",
      d: 3,
      e: [],
      f: "like this",
      g: null,
    });
  });
});
