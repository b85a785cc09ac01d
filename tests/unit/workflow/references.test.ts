import { describe, it } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { hasReferences, referencesIn, resolve } from "../../../src/workflow/references.ts";

const scope = (name: string): unknown =>
  ({ fetch: { result: { rows: [{ name: "x" }], "two-words": 2 } }, input: null })[name];

describe("resolve()", () => {
  it("replaces texts that are references, wherever they stand, and nothing else", () => {
    const value = {
      a: "$fetch.result.rows[0].name",
      b: ["$fetch.result.two-words", "price $5"],
      c: 1,
    };

    assertEquals(resolve(value, scope), { a: "x", b: [2, "price $5"], c: 1 });
  });

  it("gives null for what is not there, and never what objects inherit", () => {
    assertEquals(
      resolve(["$input.x", "$fetch.result.rows[7]", "$fetch.result.constructor"], scope),
      [null, null, null],
    );
  });

  it("takes two dollars for one", () => {
    assertEquals(resolve("$$fetch.result", scope), "$fetch.result");
    assertEquals(hasReferences({ price: "$$5", sum: "$5" }), false);
  });

  it("refuses a text that begins like a reference and is none", () => {
    assertThrows(
      () => [...referencesIn({ x: "$fetch..rows" }, [])],
      Error,
      "/x begins with a dollar",
    );
  });
});
