import { describe, it } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { InputError, ToolError } from "../../../../src/errors.ts";
import { createJsonArrayParser } from "../../../../tools/dataset/json-array-parser.ts";
import { createNdjsonParser } from "../../../../tools/dataset/ndjson-parser.ts";
import type { Row } from "../../../../tools/dataset/row.ts";
import type { RowParser } from "../../../../tools/dataset/text.ts";

function feed(parser: RowParser, text: string, size = 1): Row[] {
  const rows: Row[] = [];
  for (let at = 0; at < text.length; at += size)
    rows.push(...parser.push(text.slice(at, at + size)));
  return [...rows, ...parser.end()];
}

const column = fc.string({ unit: "binary" }).filter((name) => name !== "__proto__");
const anyRow = fc.dictionary(column, fc.jsonValue()).map(
  // Only what JSON can say comes back from it, e.g. no -0.
  (row) => JSON.parse(JSON.stringify(row)) as Row,
);

describe("createJsonArrayParser()", () => {
  it("reads any array of objects, wherever the text is cut and however it is spaced", () => {
    fc.assert(
      fc.property(
        fc.array(anyRow),
        fc.integer({ min: 1, max: 40 }),
        fc.nat(3),
        (rows, size, gap) => {
          const text = `\n ${JSON.stringify(rows, null, gap)} \r\n`;
          assertEquals(feed(createJsonArrayParser("x.json"), text, size), rows);
        },
      ),
      { numRuns: 100, seed: 20260101 },
    );
  });

  it("names the element of a fault", () => {
    const faults: readonly (readonly [string, string])[] = [
      ['{"a":1}', "x.json, element 1: expected an array of objects, which begins with ["],
      ["null", "element 1: expected an array of objects"],
      ["[1]", "element 1: a row must be an object, got 1"],
      ['[{"a":1},[2]]', "element 2: a row must be an object, got [2]"],
      ['[{"a":1},]', "element 2: this is no JSON"],
      ['[{"a":1} {"a":2}]', "element 2: this is no JSON"],
      ['[{"a":1},{"b":}]', "element 2: this is no JSON"],
      ['[{"a":1},{"b":01}]', "element 2: this is no JSON"],
      ['[{"__proto__":1}]', 'element 1: no column may be named "__proto__"'],
      ['[{"a":1}', "element 2: the file ends before its array does"],
      ['[{"a":"1', "element 1: the file ends"],
      ["", "element 1: the file ends"],
      [" \n", "element 1: the file ends"],
      ["[] []", "element 1: this is no JSON"],
      ['[{"a":1}]}', "element 2: this is no JSON"],
    ];
    for (const [text, message] of faults) {
      assertThrows(() => feed(createJsonArrayParser("x.json"), text), InputError, message);
      assertThrows(() => feed(createJsonArrayParser("x.json"), text, 99), InputError, message);
    }
  });

  it("refuses to hold an element without end", () => {
    const parser = createJsonArrayParser("x.json");
    parser.push('[{"a":1},{"b":"');
    assertThrows(() => parser.push("x".repeat(17_000_000)), ToolError, "element 2");
  });
});

describe("createNdjsonParser()", () => {
  it("reads an object from each line, wherever the text is cut", () => {
    fc.assert(
      fc.property(fc.array(anyRow), fc.integer({ min: 1, max: 40 }), (rows, size) => {
        const text = rows.map((row) => `${JSON.stringify(row)}\r\n\n`).join("");
        assertEquals(feed(createNdjsonParser("x.ndjson"), text, size), rows);
        assertEquals(feed(createNdjsonParser("x.ndjson"), text.trimEnd(), size), rows);
      }),
      { numRuns: 100, seed: 20260101 },
    );
  });

  it("names the line of a fault", () => {
    const parse = (text: string) => () => feed(createNdjsonParser("x.ndjson"), text);

    assertThrows(parse('{"a":1}\n\n{"a":\n'), InputError, "x.ndjson, line 3: this is no JSON");
    assertThrows(parse('{"a":1}\n[1]\n'), InputError, "line 2: a row must be an object, got [1]");
    assertThrows(parse('{"__proto__":1}'), InputError, "line 1: no column may be named");
    assertThrows(parse("null"), InputError, "line 1: a row must be an object");
  });
});
