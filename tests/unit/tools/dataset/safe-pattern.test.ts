import { describe, it } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { InputError, ToolError } from "../../../../src/errors.ts";
import { compileSafePattern } from "../../../../tools/dataset/safe-pattern.ts";

const matches = (pattern: string, text: string): boolean =>
  compileSafePattern(pattern, { steps: 0 }).matches(text);

describe("compileSafePattern()", () => {
  it("matches as regular expressions do", () => {
    assertEquals(matches("^INV-\\d{4}$", "INV-2026"), true);
    assertEquals(matches("^INV-\\d{4}$", "INV-26"), false);
    assertEquals(matches("(cat|dog)s?", "two dogs"), true);
    assertEquals(matches("[a-z]+@[a-z]+\\.com", "mail ada@example.com now"), true);
    assertEquals(matches("(ab)+c", "xababc"), true);
    assertEquals(matches("[(+*]\\(", "*("), true);
  });

  it("refuses what could take exponential time", () => {
    const patterns = [
      "(a+)+b",
      "(a*)*",
      "(a|a)*b",
      "(a|ab){2,}",
      "((a+))+",
      "((a|b)c)*",
      "(?:x?)+",
      "(?<n>a+)+",
      "(a{1,9}){2,9}",
      "(a)\\1",
      "(?=a)b",
      "(?<!a)b",
    ];
    for (const pattern of patterns) {
      const error = assertThrows(() => compileSafePattern(pattern, { steps: 0 }), InputError);
      assert(error.message.includes(JSON.stringify(pattern)), error.message);
    }
  });

  it("refuses a pattern that is none, or too long", () => {
    assertThrows(() => matches("(", "x"), InputError, "no regular expression");
    assertThrows(() => matches("a".repeat(201), "x"), InputError, "longer than 200");
  });

  it("refuses a text on which many repeats, or many choices, would take too long", () => {
    const text = "a".repeat(5000);
    assertEquals(matches("^a+$", text), true);
    assertThrows(() => matches("a*a*a*b", text), ToolError, "5000 characters");
    assertThrows(() => matches(`${"a?".repeat(40)}b`, text), ToolError);
    assertThrows(() => matches(`${"(a|a)".repeat(35)}b`, text), ToolError);
    assertThrows(() => matches("a{0,500}a{0,500}a{0,500}b", text), ToolError);
  });

  it("counts its work, so that others get a turn", () => {
    const work = { steps: 0 };
    compileSafePattern("a+b", work).matches("a".repeat(1000));

    assert(work.steps > 1000, String(work.steps));
  });
});
