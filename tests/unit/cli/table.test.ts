/** Columns that line up and fit. @module */

import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { cut, formatTable } from "../../../src/cli/table.ts";

describe("formatTable()", () => {
  it("lines columns up and ends no line in spaces", () => {
    const rows = [
      ["a", "long word", "x"],
      ["abc", "w", ""],
    ];
    assertEquals(formatTable(rows, { columns: 80 }), ["a    long word  x", "abc  w"]);
    assertEquals(formatTable([], { columns: 80 }), []);
  });

  it("cuts the flexible column and no other", () => {
    const rows = [["name", "a description that is long", "here"]];
    assertEquals(formatTable(rows, { columns: 28, flexible: 1 }), ["name  a description t…  here"]);
    assertEquals(formatTable(rows, { columns: 24 })[0]?.endsWith("here"), true);
  });

  it("never makes a line longer than it may be, where the fixed columns leave room", () => {
    const cell = fc.string({ maxLength: 30, unit: "grapheme-ascii" });
    const row = fc.tuple(fc.string({ maxLength: 8 }), cell, fc.string({ maxLength: 8 }));
    fc.assert(
      fc.property(fc.array(row, { maxLength: 6 }), fc.integer({ min: 34, max: 90 }), (rows, n) => {
        for (const line of formatTable(rows, { columns: n, flexible: 1 })) {
          assertEquals([...line].length <= n, true, line);
        }
      }),
      { seed: 20261120 },
    );
  });

  it("paints a cell after it was cut and padded", () => {
    const paint = (text: string): string => `<${text}>`;
    assertEquals(
      formatTable(
        [
          ["a", "b"],
          ["cc", "d"],
        ],
        { columns: 80, paint },
      ),
      ["<a >  <b>", "<cc>  <d>"],
    );
  });
});

describe("cut()", () => {
  it("counts characters, not UTF-16 units", () => {
    assertEquals(cut("🎈🎈🎈", 3), "🎈🎈🎈");
    assertEquals(cut("🎈🎈🎈", 2), "🎈…");
  });
});
