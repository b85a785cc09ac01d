/** Words of a command line as the input of a tool. @module */

import { describe, it } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { readParams, readParamsJson } from "../../../src/cli/params.ts";
import { InputError } from "../../../src/errors.ts";

const schema = {
  type: "object",
  properties: {
    text: { type: "string" },
    count: { type: "integer" },
    ratio: { type: "number" },
    isOn: { type: "boolean" },
    list: { type: "array", items: { type: "string" } },
    numbers: { type: "array", items: { type: "number" } },
    where: { type: "object" },
    either: { anyOf: [{ type: "string" }, { type: "number" }] },
    maybe: { type: ["string", "null"] },
    choice: { enum: ["a", "b"] },
    anything: {},
  },
};

describe("readParams()", () => {
  it("reads each value as its schema wants it", () => {
    const cases: readonly (readonly [string, unknown])[] = [
      ["text=42", "42"],
      ["text=true", "true"],
      ['text={"a":1}', '{"a":1}'],
      ["text=a=b", "a=b"],
      ["text=", ""],
      ["count=42", 42],
      ["count=-1", -1],
      ["count=many", "many"],
      ["ratio=1e-3", 0.001],
      ["isOn=true", true],
      ["isOn=yes", "yes"],
      ['list=["a","b"]', ["a", "b"]],
      ["list=a", ["a"]],
      ["list=1", ["1"]],
      ['where={"a":1}', { a: 1 }],
      ["either=4", 4],
      ["either=four", "four"],
      ["maybe=null", null],
      ["maybe=x", "x"],
      ["choice=a", "a"],
      ["anything=[1]", [1]],
      ["anything=word", "word"],
      ["unknown=1", 1],
    ];
    for (const [pair, expected] of cases) {
      const name = pair.slice(0, pair.indexOf("="));
      assertEquals(readParams(schema, [pair]), { [name]: expected }, pair);
    }
  });

  it("makes a list of what is given more than once", () => {
    assertEquals(readParams(schema, ["list=1", "list=b"]), { list: ["1", "b"] });
    assertEquals(readParams(schema, ["numbers=1", "numbers=2"]), { numbers: [1, 2] });
  });

  it("gives a string parameter exactly what was typed, whatever it was", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        assertEquals(readParams(schema, [`text=${text}`]).text, text);
      }),
      { seed: 20261120 },
    );
  });

  it("carries any JSON value to a parameter without a type", () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        assertEquals(readParams(schema, [`anything=${json}`]).anything, JSON.parse(json));
      }),
      { seed: 20261120 },
    );
  });

  it("reaches no inherited name, and refuses a word without a name", () => {
    const input = readParams(schema, ["__proto__=1", "constructor=2"]);
    assertEquals(Object.keys(input).sort(), ["__proto__", "constructor"]);
    assertEquals(Object.getPrototypeOf(input), Object.prototype);
    assertThrows(() => readParams(schema, ["=x"]), InputError, "--param takes name=value");
    assertThrows(() => readParams(schema, ["path"]), InputError, 'got "path"');
  });
});

describe("readParamsJson()", () => {
  it("takes an object and nothing else", () => {
    assertEquals(readParamsJson('{"a": [1]}', "--params"), { a: [1] });
    for (const text of ["", "[]", "1", "null", "{a:1}"]) {
      assertThrows(() => readParamsJson(text, "--params"), InputError, "takes a JSON object");
    }
  });
});
