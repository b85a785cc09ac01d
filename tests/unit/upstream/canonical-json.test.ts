import { describe, it } from "node:test";
import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import { canonicalJson, hashOf } from "../../../src/upstream/canonical-json.ts";

describe("canonicalJson()", () => {
  it("does not depend on the order of keys", () => {
    assertEquals(
      canonicalJson({ b: 1, a: [{ d: null, c: "é" }] }),
      '{"a":[{"c":"é","d":null}],"b":1}',
    );
    assertEquals(canonicalJson({ a: 1, b: undefined }), canonicalJson({ a: 1 }));
  });

  it("is JSON of the same value", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        assertEquals(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

describe("hashOf()", () => {
  it("is equal for equal values only", async () => {
    assertEquals(hashOf({ a: 1, b: 2 }), hashOf({ b: 2, a: 1 }));
    assertNotEquals(hashOf({ a: 1 }), hashOf({ a: "1" }));
    assertMatch(hashOf(null), /^sha256:[0-9a-f]{64}$/);
  });
});
