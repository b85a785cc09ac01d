import { describe, it } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { InputError, ToolError } from "../../../../src/errors.ts";
import { compileSafePattern } from "../../../../tools/dataset/safe-pattern.ts";

const matches = (pattern: string, text: string): boolean =>
  compileSafePattern(pattern, { steps: 0 }).matches(text);

describe("compileSafePattern()", () => {
  it("matches as regular expressions do", () => {
    const matching: readonly (readonly [string, string])[] = [
      ["^INV-\\d{4}$", "INV-2026"],
      ["(cat|dog)s?", "two dogs"],
      ["[a-z]+@[a-z]+\\.com", "mail ada@example.com now"],
      ["(ab)+c", "xababc"],
      ["[(+*]\\(", "*("],
      ["^a\\/b$", "a/b"],
      ["^(?<year>\\d+)$", "2026"],
      ["^.$", "💡"],
      ["^\\u{1F4A1}$", "💡"],
      ["^\\p{L}+$", "Ærø"],
      ["(?i)oslo", "OSLO"],
    ];
    for (const [pattern, text] of matching) {
      assertEquals([pattern, matches(pattern, text)], [pattern, true]);
    }
    assertEquals(matches("^INV-\\d{4}$", "INV-26"), false);
    assertEquals(matches("^a.b$", "a\nb"), false);
    assertEquals(matches("oslo", "OSLO"), false);
  });

  it("takes no time to speak of where others take forever", { timeout: 10_000 }, () => {
    // Each character more doubles the time of an engine that backtracks.
    const text = "a".repeat(50_000);
    for (const pattern of ["^(a+)+[bc]$", "^(a*)*[bc]", "^(a|a)*[bc]$", "^(a|aa){2,}[bc]$"]) {
      assertEquals([pattern, matches(pattern, text)], [pattern, false]);
    }
  });

  it("refuses a pattern that is none, too long, or beyond what RE2 knows", () => {
    assertThrows(() => matches("(", "x"), InputError, 'The pattern "(" cannot be used');
    assertThrows(() => matches("a".repeat(201), "x"), InputError, "longer than 200");
    for (const pattern of ["(a)\\1", "(?=a)b", "(?<!a)b", "a{2000}", "(a{999}){999}"]) {
      const error = assertThrows(() => matches(pattern, "x"), InputError);
      assert(error.message.includes(JSON.stringify(pattern)), error.message);
      assert(error.cause instanceof Error);
    }
  });

  it("refuses a text that is too long for what its pattern counts", () => {
    const text = "a".repeat(100_000);
    assertEquals(matches("^a{1,30}", text), true);
    assertThrows(() => matches("^a{1,999}$", text), ToolError, "100000 characters");
  });

  it("counts its work, so that others get a turn", () => {
    const work = { steps: 0 };
    compileSafePattern("a+b", work).matches("a".repeat(1000));

    assert(work.steps > 1000, String(work.steps));
  });
});
