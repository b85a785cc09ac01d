import { describe, it } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { InputError, ToolError } from "../../../../src/errors.ts";
import { CsvParser } from "../../../../tools/dataset/csv-parser.ts";
import type { Row } from "../../../../tools/dataset/row.ts";
import { createCsvWriter } from "../../../../tools/dataset/writers.ts";

/** Parse a text that arrives in pieces of `size` characters. */
function rowsOf(text: string, size = text.length): Row[] {
  const parser = new CsvParser("x.csv");
  const rows: Row[] = [];
  for (let at = 0; at < text.length; at += Math.max(1, size)) {
    rows.push(...parser.push(text.slice(at, at + Math.max(1, size))));
  }
  return [...rows, ...parser.end()];
}

/** A quote within a cell is nothing special, and a carriage return only before the end of a line. */
const plainCell = fc
  .string({ unit: fc.constantFrom("a", "é", "1", " ", "\r", '"', "💡", "\uFEFF"), maxLength: 5 })
  .filter((text) => !/^"|\r$|^1{3,}$/.test(text));
const anyCell = fc.string({ unit: fc.constantFrom("a", '"', ",", "\n", "\r", " ", "ü", "0") });

describe("CsvParser", () => {
  it("reads values where cells are not quoted, and text where they are", () => {
    const rows = rowsOf('a,b,c,d,e,f\n1,-2.5e3,true,,"",x\n"1","true",false,"a ""b"", c",007,1.\n');

    assertEquals(rows, [
      { a: 1, b: -2500, c: true, d: null, e: "", f: "x" },
      { a: "1", b: "true", c: false, d: 'a "b", c', e: "007", f: "1." },
    ]);
  });

  it("keeps text that would not survive as a number", () => {
    const cells = ["12345678901234567890", "0.12345678901234567891", "1e999", "+1", "0x10", "NaN"];

    assertEquals(Object.values(rowsOf(`a,b,c,d,e,f\n${cells.join(",")}`)[0] ?? {}), cells);
  });

  it("takes any line end, blank lines, and a last line without an end", () => {
    const expected = [
      { a: 1, b: "x\ny" },
      { a: 2, b: null },
    ];
    assertEquals(rowsOf('\n\na,b\n1,"x\ny"\n\n2,\n'), expected);
    assertEquals(rowsOf('a,b\r\n1,"x\ny"\r\n\r\n2,'), expected);
    assertEquals(rowsOf('a,b\r\n1,"x\ny"\r\n2,\r\n'), expected);
    assertEquals(rowsOf('a,b\n2,"q"\r'), [{ a: 2, b: "q" }]);
  });

  it("reads blank lines of a single column as null", () => {
    assertEquals(rowsOf('a\n1\n\n""\n2'), [{ a: 1 }, { a: null }, { a: "" }, { a: 2 }]);
  });

  it("names the columns of a file without rows", () => {
    const parser = new CsvParser("x.csv");
    assertEquals(parser.push('a,"b ""c"""\n'), []);
    assertEquals(parser.end(), []);
    assertEquals(parser.columns, ["a", 'b "c"']);
  });

  it("names the line of a fault", () => {
    const faults: readonly (readonly [string, string])[] = [
      ["a,b\n1,2\n1,2,3\n", "x.csv, line 3: 3 cells where the header names 2 columns"],
      ['a,b\n"x\ny",2\n1\n', "x.csv, line 4: 1 cell where"],
      ['a,b\n1,"x" y\n', "line 2: text follows a closing quote"],
      ['a,b\n1,"x" \n', "line 2: text follows a closing quote"],
      ['a,b\n"x"\t,1\n', "line 2: text follows a closing quote"],
      ['a,b\n1,2\n1,"x"y"z"\n1,2\n', "line 3: text follows a closing quote"],
      ['a,b\n1,2\n1,"open\n', "line 3: a quote is opened and never closed"],
      ["a,b,a\n", 'line 1: two columns are named "a"'],
      ["a,__proto__\n1,2\n", "line 1: no column"],
      ["", "line 1: the file is empty"],
    ];
    for (const [text, message] of faults) {
      assertThrows(() => rowsOf(text), InputError, message);
      assertThrows(() => rowsOf(text, 1), InputError, message);
    }
  });

  it("refuses to hold a row without end", () => {
    const parser = new CsvParser("x.csv");
    parser.push('a,b\n1,"');
    assertThrows(() => parser.push("x".repeat(17_000_000)), ToolError, "line 2");
  });

  it("reads every cell as it was meant, wherever the text is cut", () => {
    const cell = fc.oneof(
      fc.record({ text: plainCell, isQuoted: fc.constant(false) }),
      fc.record({ text: anyCell, isQuoted: fc.constant(true) }),
    );
    const lines = fc.array(
      fc.record({
        cells: fc.array(cell, { minLength: 3, maxLength: 3 }),
        end: fc.constantFrom("\n", "\r\n"),
      }),
    );
    fc.assert(
      fc.property(lines, fc.boolean(), fc.nat(9), (records, isEnded, size) => {
        const text = records.map(({ cells, end }) => cells.map(written).join(",") + end).join("");

        const rows = rowsOf(`a,b,c\n${isEnded ? text : text.replace(/\r?\n$/, "")}`, size);

        assertEquals(
          rows.map((row) => Object.values(row)),
          records.map(({ cells }) => cells.map(meant)),
        );
      }),
      { numRuns: 500, seed: 20260101 },
    );
  });

  it("reads back whatever the writer wrote", () => {
    const value = fc.oneof(
      fc.string({ unit: "binary" }).filter((text) => text.isWellFormed()),
      anyCell,
      fc.constantFrom("1", "true", "", "-0.5", "null"),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
      fc.maxSafeInteger(),
      fc.boolean(),
      fc.constant(null),
    );
    const names = fc.uniqueArray(
      fc.string().filter((name) => name !== "__proto__"),
      {
        minLength: 1,
        maxLength: 4,
      },
    );
    fc.assert(
      fc.property(
        names.chain((columns) =>
          fc.tuple(
            fc.constant(columns),
            fc.array(fc.record(Object.fromEntries(columns.map((name) => [name, value])))),
          ),
        ),
        fc.integer({ min: 1, max: 50 }),
        ([columns, rows], size) => {
          const writer = createCsvWriter(columns);
          const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
          const text = decoder.decode(writer.begin()) + decoder.decode(writer.rows(rows));
          assertEquals(
            rowsOf(text, size),
            rows.map((row) => ({ ...row })),
          );
        },
      ),
      { numRuns: 150, seed: 20260101 },
    );
  });
});

interface TestCell {
  readonly text: string;
  readonly isQuoted: boolean;
}

function written({ text, isQuoted }: TestCell): string {
  return isQuoted ? `"${text.replaceAll('"', '""')}"` : text;
}

function meant({ text, isQuoted }: TestCell): unknown {
  if (isQuoted) return text;
  return text === "1" || text === "11" ? Number(text) : text || null;
}
