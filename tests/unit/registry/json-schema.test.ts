import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import * as v from "valibot";
import { schemaOf } from "../../../src/registry/json-schema.ts";

const schema = v.object({
  path: v.pipe(v.string(), v.minLength(1), v.description("Which file")),
  limit: v.optional(v.pipe(v.number(), v.integer(), v.maxValue(9)), 5),
  kind: v.optional(v.picklist(["a", "b"])),
  tags: v.array(v.string()),
});

describe("schemaOf()", () => {
  it("describes an input as the server will take it", () => {
    assertEquals(schemaOf(schema, "input"), {
      type: "object",
      properties: {
        path: { type: "string", minLength: 1, description: "Which file" },
        limit: { type: "integer", maximum: 9, default: 5 },
        kind: { enum: ["a", "b"], type: "string" },
        tags: { type: "array", items: { type: "string" } },
      },
      required: ["path", "tags"],
      additionalProperties: false,
    });
  });

  it("describes an output without refusing more than it promises", () => {
    const { required, additionalProperties } = schemaOf(schema, "output");

    assertEquals(required, ["path", "tags"]);
    assertEquals(additionalProperties, undefined);
  });

  it("names no dialect: MCP's own default is the one it uses", () => {
    assertEquals("$schema" in schemaOf(schema, "input"), false);
  });
});
