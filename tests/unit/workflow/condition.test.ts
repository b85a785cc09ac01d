import { describe, it } from "node:test";
import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { conditionOf } from "../../../src/workflow/condition.ts";

const values: Readonly<Record<string, unknown>> = {
  gate: { payload: { n: 3, half: 2.5, ok: true, tags: ["a", "b"], text: "$gate" } },
};
const holds = (text: string): boolean => conditionOf(text, []).holds((name) => values[name]);

describe("conditionOf()", () => {
  it("compares, counts and looks into lists, whichever kind of number it meets", () => {
    for (const text of [
      "$gate.payload.n == 3",
      "$gate.payload.n + 1 > 3 && $gate.payload.n % 2 == 1",
      "$gate.payload.n + 0.5 > 3 && $gate.payload.half * 2 == 5",
      "$gate.payload.n / 2 == 1.5",
      "'b' in $gate.payload.tags",
      "$gate.payload.tags.exists(tag, tag == 'a')",
      "$gate.payload.text == '$gate'",
      "!has($gate.payload.missing)",
    ]) {
      assertEquals(holds(text), true, text);
    }
  });

  it("names what it refers to", () => {
    assertEquals([...conditionOf("$a.result > $b.result || '$c' == 'x'", []).names], ["a", "b"]);
  });

  it("refuses what is no condition, with its place", () => {
    const fault = (text: string): string =>
      assertThrows(() => conditionOf(text, ["nodes", 1]), Error).message;

    assertMatch(fault("$a +"), /^\/nodes\/1 is no condition/);
    assertMatch(fault("a.result"), /names "a" without a dollar: write \$a/);
    assertMatch(fault("$a.result.matches('(x+)+y')"), /matches\(\), which is left out/);
  });

  it("says what cannot be decided", () => {
    assertThrows(() => holds("$gate.payload.missing == 1"), Error, "No such key: missing");
    assertThrows(() => holds("$gate.payload.n"), Error, "is 3, and not true or false");
    assertThrows(() => holds("$gate.payload.n > 'a'"), Error, "cannot be decided");
  });
});
