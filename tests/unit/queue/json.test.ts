import { describe, it } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { InputError } from "../../../src/errors.ts";
import { checkJson, jsonOf } from "../../../src/queue/json.ts";

describe("checkJson()", () => {
  it("lets plain JSON pass, and objects without a prototype", () => {
    const bare = Object.assign(Object.create(null), { a: [1, "two", null, true, { b: -0.5 }] });

    checkJson("input", bare);
    checkJson("input", { left: undefined });
  });

  it("names the place and the value of what JSON has no word for", () => {
    const refused = (value: unknown): string =>
      assertThrows(() => checkJson("input", value), InputError).message;

    assertEquals(
      refused({ a: [0, Number.POSITIVE_INFINITY] }).startsWith("input.a[1] is Inf"),
      true,
    );
    assertEquals(refused({ n: Number.NaN }).startsWith("input.n is NaN"), true);
    assertEquals(
      refused({ at: new Date(0) }).startsWith("input.at is an object of the class D"),
      true,
    );
    assertEquals(refused([undefined]).startsWith("input[0] is of the type undefined"), true);
    assertEquals(refused({ big: 1n }).startsWith("input.big is of the type bigint"), true);
  });
});

describe("jsonOf()", () => {
  it("keeps what JSON can say", () => {
    assertEquals(jsonOf({ a: Number.NaN, b: undefined, c: "x" } as object), { a: null, c: "x" });
  });
});
