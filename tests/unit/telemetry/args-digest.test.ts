import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import canonicalize from "canonicalize";
import fc from "fast-check";
import { sha256 } from "../../../src/sha256.ts";
import { argsDigest } from "../../../src/telemetry/args-digest.ts";

describe("argsDigest()", () => {
  it("is the hash of the canonical JSON, whatever the input", async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue()), async (input) => {
        assertEquals(await argsDigest(input), `sha256:${sha256(canonicalize(input) ?? "")}`);
      }),
    );
  });

  it("does not depend on the order of names", () => {
    assertEquals(argsDigest({ b: 1, a: "x" }), argsDigest({ a: "x", b: 1 }));
    assertEquals(argsDigest({ a: 1, 9: 2, 10: 3 }), argsDigest({ 10: 3, 9: 2, a: 1 }));
  });

  it("tells inputs from each other, and takes none for an empty one", () => {
    assertEquals(argsDigest(undefined), argsDigest({}));
    assertEquals(argsDigest({ a: 1 }) === argsDigest({ a: "1" }), false);
    assertEquals(argsDigest([]) === argsDigest({}), false);
  });
});
