import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { checkableSchema, safeLength } from "../../../src/upstream/safe-pattern.ts";

describe("safeLength()", () => {
  it("accepts what schemas ordinarily have", () => {
    for (const pattern of [
      ...["^[a-z]{3,10}$", "^https?://", "^\\d{4}-\\d{2}-\\d{2}$", "^[A-Z]+-[0-9]+$"],
      ...["^(?:asc|desc)$", "^\\p{L}+$", "^[^/]*$"],
    ]) {
      assert(safeLength(pattern) > 0, pattern);
    }
  });

  it("refuses what can take for ever", () => {
    for (const pattern of [
      ...["^(a+)+$", "(a|aa)+$", "(.*a){20}", "^(a|a)*$", "(?=a+)b", "^(.+)\\1$", "(?<n>a)\\k<n>"],
      ...["a?a?a?a?a?a?a?a?aaaaaaaa", ".*.*.*x", "x".repeat(300), "(unclosed"],
    ]) {
      assertEquals(safeLength(pattern), 0, pattern);
    }
  });

  it("bounds the text so that any accepted pattern is quick", () => {
    for (const pattern of ["a+$", "a+a+$", "^.*x.*y$", "[ab]*[bc]*$"]) {
      const length = safeLength(pattern);
      const text = `${"ab".repeat(length / 2)}!`;

      const startedAt = performance.now();
      new RegExp(pattern, "u").test(text);

      assert(performance.now() - startedAt < 250, pattern);
    }
  });
});

describe("checkableSchema()", () => {
  it("drops unsafe patterns wherever schemas are, and leaves data alone", () => {
    const unsafe = "^(a+)+$";

    const schema = checkableSchema({
      properties: { default: { type: "string", pattern: unsafe }, pattern: { type: "string" } },
      $defs: { enum: { items: [{ pattern: unsafe }] } },
      enum: [{ pattern: unsafe }],
    });

    assertEquals(schema, {
      properties: { default: { type: "string" }, pattern: { type: "string" } },
      $defs: { enum: { items: [{}] } },
      enum: [{ pattern: unsafe }],
    });
  });

  it("does not refuse the properties of a pattern that it dropped", () => {
    const schema = checkableSchema({
      patternProperties: { "^(x+)+$": {}, "^y": {} },
      additionalProperties: false,
    });

    assertEquals(schema, { patternProperties: { "^y": {} } });
  });

  it("gives up on schemas that refer to something outside", () => {
    assertEquals(checkableSchema({ $ref: "https://example.com/schema" }), undefined);
    assertEquals(checkableSchema({ properties: { a: { $ref: "other.json#/x" } } }), undefined);
    assertEquals(checkableSchema({ properties: { $ref: { type: "string" } } }), {
      properties: { $ref: { type: "string" } },
    });
    assert(checkableSchema({ $ref: "#/$defs/a", $defs: { a: {} } }));
  });
});
