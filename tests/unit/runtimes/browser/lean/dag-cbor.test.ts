import { describe, it } from "node:test";
import * as library from "@ipld/dag-cbor";
import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { encode } from "../../../../../runtimes/browser/lean/dag-cbor.ts";

describe("the encoder of pages", () => {
  it("gives the bytes of @ipld/dag-cbor for any JSON", () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false, maxDepth: 4 }), (value) => {
        assertEquals(encode(value), new Uint8Array(library.encode(value)));
      }),
      { numRuns: 500, seed: 20260301 },
    );
  });

  it("writes numbers and lengths in as few bytes as they need", () => {
    const edges = [0, 23, 24, 255, 256, 65_535, 65_536, 4_294_967_295, 4_294_967_296];
    const numbers = [
      ...edges,
      ...edges.map((edge) => -1 - edge),
      Number.MAX_SAFE_INTEGER,
      1.5,
      -0.1,
    ];
    for (const value of [...numbers, "x".repeat(300), Array(30).fill(null), "\u{1F4A1}é"]) {
      assertEquals(encode(value), new Uint8Array(library.encode(value)));
    }
  });

  it("refuses what the library refuses", () => {
    for (const value of [
      undefined,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      { a: undefined },
      () => 1,
    ]) {
      assertThrows(() => library.encode(value));
      assertThrows(() => encode(value), TypeError, "no form");
    }
  });
});
