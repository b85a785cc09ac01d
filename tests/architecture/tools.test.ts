import { describe, it } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { META_NAMES } from "../../src/registry/meta-tools.ts";
import { acceptedName } from "../../src/registry/names.ts";
import type { Tool } from "../../src/tool.ts";
import { catalog } from "../../tools/mod.ts";

const NAME = /^[a-z][a-z0-9_]{0,63}$/;

const categories = await Promise.all(
  catalog.map(async (category) => ({ category, tools: await category.load() })),
);

const all: readonly Tool[] = categories.flatMap(({ tools }) => tools);

describe("the catalog", () => {
  it("promises the tools that each category loads, in their order", () => {
    assert(all.length >= 20);
    for (const { category, tools } of categories) {
      assertEquals(
        tools.map(({ name }) => name),
        [...category.toolNames],
      );
    }
  });

  it("has names that are unique and that clients accept", () => {
    const names = catalog.flatMap(({ toolNames }) => toolNames);

    assertEquals(new Set([...names, ...META_NAMES]).size, names.length + META_NAMES.size);
    for (const name of names) {
      assertMatch(name, NAME);
      assertEquals(acceptedName(name), name);
    }
    for (const { name } of catalog) assertMatch(name, NAME);
  });

  it("introduces each category in a sentence", () => {
    for (const { title, description } of catalog) {
      assert(title !== "" && description !== "" && description.length <= 100, title);
      assert(!description.endsWith("."), description);
    }
  });
});

describe("every built-in tool", () => {
  it("has a title, hints, a short summary and an output schema", () => {
    for (const { name, title, summary, annotations, outputSchema } of all) {
      assert(title !== "", name);
      assert(summary !== "" && summary.length <= 100, `${name}: ${summary}`);
      assert(!summary.endsWith("."), `${name}: ${summary}`);
      const isJudged = annotations.readOnlyHint === true || "destructiveHint" in annotations;
      assert(isJudged, `${name} says neither that it reads only nor whether it destroys`);
      assertEquals(outputSchema?.type, "object", name);
    }
  });

  it("has an example that it accepts", () => {
    for (const tool of all) {
      assert(tool.example, tool.name);
      tool.parse(tool.example);
    }
  });

  it("refuses parameters that it does not know", () => {
    for (const { name, inputSchema } of all) {
      assertEquals([inputSchema.type, inputSchema.additionalProperties], ["object", false], name);
    }
  });

  it("has schemas that JSON can carry", () => {
    for (const { name, inputSchema, outputSchema } of all) {
      const schemas = { inputSchema, outputSchema };
      assertEquals(JSON.parse(JSON.stringify(schemas)), schemas, name);
    }
  });
});
