import { describe, it } from "node:test";
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import * as v from "valibot";
import { InputError, IntegrityError } from "../../../src/errors.ts";
import { checkOutput, parseInput } from "../../../src/registry/parse.ts";

const schema = v.object({
  path: v.string(),
  limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 10),
  filters: v.optional(v.array(v.object({ "a/b~c": v.boolean() }))),
});

const refused = (input: unknown): InputError =>
  assertThrows(() => parseInput("read", schema, input), InputError);

describe("parseInput()", () => {
  it("completes an input with its defaults", () => {
    assertEquals(parseInput("read", schema, { path: "a" }), { path: "a", limit: 10 });
    assertEquals(parseInput("now", v.object({}), undefined), {});
    assertEquals(parseInput("now", v.object({}), null), {});
  });

  it("names the place, the expectation and the value of every fault", () => {
    const error = refused({ path: 7, filters: [{ "a/b~c": true }, { "a/b~c": "yes" }] });

    assertEquals(error.code, "invalid_input");
    assertEquals(
      error.message,
      '"read": /path must be string, got 7; /filters/1/a~1b~0c must be boolean, got "yes"',
    );
    assertEquals(error.data, {
      tool: "read",
      path: "/path",
      expected: "string",
      issues: [
        { path: "/path", expected: "string" },
        { path: "/filters/1/a~1b~0c", expected: "boolean" },
      ],
    });
  });

  it("names the bound that a number breaks", () => {
    assertStringIncludes(refused({ path: "a", limit: 0 }).message, "/limit must be >=1, got 0");
  });

  it("refuses an unknown parameter and names the nearest known one", () => {
    const error = refused({ pth: "a" });

    assertEquals(
      error.message,
      '"read" has no parameter "pth": it takes path, limit, filters; did you mean path?',
    );
    assertEquals(error.data, {
      tool: "read",
      path: "/pth",
      expected: ["path", "limit", "filters"],
      nearest: ["path"],
    });
    const none = assertThrows(() => parseInput("now", v.object({}), { x: 1 }), InputError);
    assertEquals(none.message, '"now" has no parameter "x": it takes no parameters');
  });

  it("refuses names that every object inherits", () => {
    for (const name of ["__proto__", "constructor", "toString"]) {
      const input: unknown = JSON.parse(`{"path":"a","${name}":{"limit":1}}`);
      assertStringIncludes(refused(input).message, `no parameter "${name}"`);
    }
  });

  it("refuses what is no object, and shows no more than the beginning of a long value", () => {
    for (const input of [[], [{ path: "a" }], "text", 3, true]) {
      assertStringIncludes(refused(input).message, "the input must be Object, got ");
      assertEquals(refused(input).data.path, "");
    }
    assertThrows(() => parseInput("now", v.object({}), []), InputError, "must be Object, got []");
    const { message } = refused({ path: ["x".repeat(10_000)] });
    assertEquals(message.length < 150, true);
  });
});

describe("checkOutput()", () => {
  const output = v.object({ sum: v.number() });

  it("passes what keeps the promise, without what was not promised", () => {
    assertEquals(checkOutput("add", output, { sum: 1, debug: true }), { sum: 1 });
    assertEquals(checkOutput("add", undefined, "anything"), "anything");
  });

  it("refuses what breaks it", () => {
    const error = assertThrows(() => checkOutput("add", output, { sum: "1" }), IntegrityError);

    assertEquals(error.code, "schema_mismatch");
    assertStringIncludes(error.message, '/sum must be number, got "1"');
  });
});
