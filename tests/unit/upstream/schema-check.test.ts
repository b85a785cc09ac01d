import { describe, it } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { InputError, IntegrityError } from "../../../src/errors.ts";
import { compileCheck, refuseInput, refuseOutput } from "../../../src/upstream/schema-check.ts";

const check = compileCheck({
  type: "object",
  properties: {
    path: { type: "string", minLength: 1, pattern: "^/" },
    depth: { type: "integer", minimum: 0 },
    sort: { enum: ["name", "size"] },
    nested: { type: "object", properties: { list: { type: "array", items: { type: "number" } } } },
  },
  required: ["path"],
  additionalProperties: false,
});

describe("compileCheck()", () => {
  it("accepts what the schema allows", () => {
    assertEquals(check({ path: "/a", depth: 2, sort: "size", nested: { list: [1] } }), undefined);
  });

  it("says where a value is wrong, and what was expected", () => {
    const flaws: readonly (readonly [unknown, string, string])[] = [
      [{ path: 3 }, "/path", "/path must be string, got 3"],
      [{}, "", "the input must have the property path, got {}"],
      [{ path: "a" }, "/path", '/path must have pattern "^/", got "a"'],
      [{ path: "/", depth: -1 }, "/depth", "/depth must have minimum 0, got -1"],
      [{ path: "/", sort: "age" }, "/sort", '/sort must be one of "name", "size", got "age"'],
      [
        { path: "/", nested: { list: [1, "2"] } },
        "/nested/list/1",
        '/nested/list/1 must be number, got "2"',
      ],
      [
        { path: "/", dept: 1 },
        "/dept",
        'the input has no property "dept": it takes path, depth, sort, nested; did you mean depth?',
      ],
      ["text", "", 'the input must be object, got "text"'],
    ];
    for (const [value, path, sentence] of flaws) assertEquals(check(value), { path, sentence });
  });

  it("reads older drafts as they were meant", () => {
    const draft7 = compileCheck({
      $schema: "http://json-schema.org/draft-07/schema#",
      items: [{ type: "string" }, { type: "number" }],
    });

    assertEquals(draft7(["a", 1]), undefined);
    assertEquals(draft7(["a", "b"])?.path, "/1");
  });

  it("leaves a schema that cannot be used to its server", () => {
    const endless = compileCheck({ $ref: "#" });
    const missing = compileCheck({ $ref: "#/$defs/none" });
    const outside = compileCheck({ $ref: "https://example.com/schema" });
    const huge = compileCheck({ type: "string", description: "x".repeat(300_000) });

    for (const unusable of [endless, missing, outside, huge]) assertEquals(unusable(1), undefined);
  });
});

describe("refuseInput() and refuseOutput()", () => {
  it("say whose mistake it is", () => {
    const flaw = { path: "/a", sentence: "/a must be string, got 1" };

    const input = assertThrows(() => refuseInput("tool", flaw), InputError, '"tool": /a must be');
    const output = assertThrows(
      () => refuseOutput("tool", "server", flaw),
      IntegrityError,
      "promises",
    );

    assertEquals(input.data, { tool: "tool", path: "/a" });
    assertEquals(output.code, "schema_mismatch");
  });
});
