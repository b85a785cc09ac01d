import { describe, it } from "node:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import { assert, assertEquals } from "@std/assert";
import * as v from "valibot";
import { defineTool, type Tool } from "../../../src/registry/definition.ts";
import type { JsonSchema } from "../../../src/registry/json-schema.ts";
import type { RegisteredTool } from "../../../src/registry/registry.ts";
import { openApiOf } from "../../../src/server/openapi.ts";
import { componentSchema } from "../../../src/server/openapi-schema.ts";

const info = { title: "mcplusplus", version: "1.0.0", isAuthOn: true };

function entry(name: string, change: Partial<Tool> = {}): RegisteredTool {
  const tool = defineTool({
    name,
    description: "Add two numbers",
    input: v.object({ a: v.number(), b: v.optional(v.number(), 0) }),
    output: v.object({ sum: v.number() }),
    example: { a: 1 },
    run: ({ a, b }) => ({ sum: a + b }),
  });
  return { name, category: "math", tool: { ...tool, ...change } };
}

/** As a mounted server may write them: references to the own root, and names that look like keywords. */
const recursive: JsonSchema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  type: "object",
  properties: {
    tree: { $ref: "#/$defs/node" },
    self: { $ref: "#" },
    $ref: { type: "string" },
    default: { $ref: "#/$defs/node" },
  },
  $defs: { node: { type: "object", properties: { next: { $ref: "#/$defs/node" } } } },
  default: { $ref: "#/kept" },
  additionalProperties: false,
};

/** The same without names and data that the validator takes for references. */
const walkable: JsonSchema = {
  $defs: recursive.$defs,
  properties: { tree: { $ref: "#/$defs/node" }, self: { $ref: "#" } },
};

/** Where each `$ref` of a document leads; throws where one leads nowhere. */
function targets(document: unknown, part: unknown = document): string[] {
  if (Array.isArray(part)) return part.flatMap((inner) => targets(document, inner));
  if (typeof part !== "object" || part === null) return [];
  return Object.entries(part).flatMap(([key, inner]) => {
    if (key === "default") return [];
    if (key !== "$ref" || typeof inner !== "string") return targets(document, inner);
    const found = inner
      .slice(2)
      .split("/")
      .reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], document);
    if (!found) throw new Error(`${inner} leads nowhere`);
    return [inner];
  });
}

describe("openApiOf()", () => {
  it("is a valid OpenAPI 3.1 document whose references all lead somewhere", async () => {
    const document = openApiOf(
      [entry("add"), entry("walk", { inputSchema: walkable, outputSchema: walkable })],
      info,
    );

    const { valid, errors } = await new Validator().validate(JSON.parse(JSON.stringify(document)));

    assert(valid, JSON.stringify(errors));
    assert(targets(document).includes("#/components/schemas/walk.input/$defs/node"));
  });

  it("is not valid when a part is missing, so that the check above means something", async () => {
    const { info: _, ...document } = openApiOf([entry("add")], info);

    const { valid } = await new Validator().validate(document);

    assertEquals(valid, false);
  });

  it("describes each tool as a path with its own schemas, example and category", () => {
    const { paths } = openApiOf([entry("add")], info) as {
      paths: Record<string, { post: Record<string, never> }>;
    };
    const tool = entry("add").tool;

    const post: Record<string, unknown> = paths["/tools/add"]?.post ?? {};

    assertEquals(post.tags, ["math"]);
    assertEquals(post.requestBody, {
      required: true,
      content: { "application/json": { schema: tool.inputSchema, example: { a: 1 } } },
    });
    assert(JSON.stringify(post.responses).includes(JSON.stringify(tool.outputSchema)));
  });

  it("asks for a bearer token only where one is needed", () => {
    assertEquals("security" in openApiOf([], info), true);
    assertEquals("security" in openApiOf([], { ...info, isAuthOn: false }), false);
  });
});

describe("componentSchema()", () => {
  it("leaves a schema without own references in place", () => {
    const schema = { type: "object", properties: { $ref: { type: "string" } } };

    assertEquals(componentSchema(schema, "x"), { schema, components: {} });
  });

  it("leads references to the component, and leaves names and data alone", () => {
    const { schema, components } = componentSchema(recursive, "x");

    assertEquals(schema, { $ref: "#/components/schemas/x" });
    const placed = components.x as Record<string, Record<string, unknown>>;
    assertEquals(placed.properties, {
      tree: { $ref: "#/components/schemas/x/$defs/node" },
      self: { $ref: "#/components/schemas/x" },
      $ref: { type: "string" },
      default: { $ref: "#/components/schemas/x/$defs/node" },
    });
    assertEquals(placed.default, { $ref: "#/kept" });
  });
});
