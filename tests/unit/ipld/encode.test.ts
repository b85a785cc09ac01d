import { describe, it } from "node:test";
import { decode, encode as expected } from "@ipld/dag-cbor";
import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { addressOf, blockOf, cidOf } from "../../../src/ipld/block.ts";
import { encode, encodeBriefly, encodeEach, Link } from "../../../src/ipld/encode.ts";

const plain = (value: unknown): Uint8Array => new Uint8Array(expected(value));

describe("encode()", () => {
  it("writes every JSON value as the library does", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        assertEquals(encode(value), plain(value));
      }),
      { numRuns: 500 },
    );
  });

  it("writes strings and keys of any script as the library does", () => {
    const text = fc.string({ unit: "grapheme", maxLength: 200 });
    fc.assert(
      fc.property(fc.dictionary(text, text), (value) => {
        assertEquals(encode(value), plain(value));
      }),
    );
  });

  it("orders many keys as the library does", () => {
    const keys = Array.from({ length: 200 }, (_, n) => `k${(n * 7_919) % 1_000}`);
    const value = Object.fromEntries(keys.map((key, n) => [key, n]));

    assertEquals(encode(value), plain(value));
  });

  it("writes numbers of every size as the library does", () => {
    const edges = [0, -0, 23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1];
    for (const number of [...edges, ...edges.map((edge) => -1 - edge), 2 ** 53, 1.5, 1e300]) {
      assertEquals(encode(number), plain(number), String(number));
    }
  });

  it("writes bytes, lists of many and long texts as the library does", () => {
    const value = {
      bytes: new Uint8Array(70_000),
      list: Array(300).fill(7),
      text: "ä".repeat(9_999),
    };

    assertEquals(encode(value), plain(value));
  });

  it("writes a link as the CID that it is the bytes of", () => {
    const bytes = plain({ a: 1 });

    const written = encode([new Link(addressOf(bytes))]);

    assertEquals(written, plain([cidOf(bytes)]));
    assertEquals(written, encode([cidOf(bytes)]));
    assertEquals(String(decode<unknown[]>(written)[0]), blockOf({ a: 1 }).cid.toString());
  });

  it("leaves out what is undefined, and refuses what dag-cbor cannot say", () => {
    assertEquals(encode({ a: undefined, b: 1 }), plain({ b: 1 }));
    for (const value of [[undefined], Number.NaN, Number.POSITIVE_INFINITY, () => 1]) {
      assertThrows(() => encode(value));
    }
    // What was begun before the refusal is no part of the next value.
    assertEquals(encode("next"), plain("next"));
  });
});

describe("encodeBriefly()", () => {
  it("writes what encode() does, also after more than is kept", () => {
    for (const value of ["c".repeat(2 ** 21), { a: 1 }]) {
      assertEquals(encodeBriefly(value), plain(value));
    }
  });
});

describe("encodeEach()", () => {
  it("writes each value as if it were alone, also where they outgrow what is kept", () => {
    const values = [
      "a",
      { text: "b".repeat(50_000) },
      [1, 2, 3],
      null,
      { text: "c".repeat(2 ** 20) },
    ];

    const written = encodeEach(values);

    assertEquals(
      written.map(String),
      values.map((value) => String(plain(value))),
    );
    assertEquals(encodeEach([]), []);
  });
});
