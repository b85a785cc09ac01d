import { describe, it } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { IntegrityError } from "../../../src/errors.ts";
import { fromBase64, toBase64 } from "../../../src/ipld/base64.ts";

describe("toBase64()", () => {
  it("writes bytes of any length as RFC 4648 does, and fromBase64() reads them", () => {
    for (const [text, written] of [
      ["", ""],
      ["f", "Zg=="],
      ["fo", "Zm8="],
      ["foobar", "Zm9vYmFy"],
    ] as const) {
      assertEquals(toBase64(new TextEncoder().encode(text)), written);
      assertEquals(new TextDecoder().decode(fromBase64(written)), text);
    }
    const many = Uint8Array.from({ length: 100_001 }, (_, at) => at % 251);
    assertEquals(fromBase64(toBase64(many)), many);
  });

  it("refuses what is no base64", () => {
    assertThrows(() => fromBase64("Z*=="), IntegrityError, "This is no base64");
  });
});
