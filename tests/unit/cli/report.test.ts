/** Errors in words and codes. @module */

import { describe, it } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { createOutput } from "../../../src/cli/output.ts";
import { errorJson, exitCodeOf, formatError } from "../../../src/cli/report.ts";
import {
  AuthError,
  ConflictError,
  DeadlineError,
  InputError,
  IntegrityError,
  type MeshError,
  ToolError,
  UnavailableError,
} from "../../../src/errors.ts";
import { createFakeHost } from "../../support/fake-host.ts";

const { style } = createOutput(createFakeHost().host.terminal, {});

describe("exitCodeOf()", () => {
  it("follows the family, and the code where that says more", () => {
    const cases: readonly (readonly [MeshError, number])[] = [
      [new InputError("invalid_input", ""), 2],
      [new InputError("invalid_config", ""), 2],
      [new InputError("ambiguous_tool", ""), 2],
      [new InputError("unknown_tool", ""), 5],
      [new InputError("unknown_upstream", ""), 6],
      [new InputError("not_found", ""), 6],
      [new AuthError("forbidden_path", ""), 3],
      [new UnavailableError("circuit_open", ""), 4],
      [new ConflictError("data_locked", ""), 4],
      [new ToolError("too_large", ""), 5],
      [new IntegrityError("pin_changed", ""), 5],
      [new DeadlineError("deadline_exceeded", ""), 7],
    ];
    for (const [error, code] of cases) assertEquals(exitCodeOf(error), code, error.code);
    assertEquals(exitCodeOf(new TypeError("x")), 1);
    assertEquals(exitCodeOf("thrown text"), 1);
  });
});

describe("formatError()", () => {
  it("moves what was meant to a line of its own, and says what to type next", () => {
    const error = new InputError("unknown_category", "There is no x; did you mean a or b?", {
      data: { nearest: ["a", "b"] },
    });
    assertEquals(
      formatError(error, style),
      [
        "error unknown_category: There is no x",
        "  did you mean  a · b",
        "  see them with  mcpp tools",
      ].join("\n"),
    );
  });

  it("names the mounted server to look at", () => {
    const data = { upstream: "github" };
    const error = new UnavailableError("upstream_unavailable", "It is gone", { data });
    assertStringIncludes(formatError(error, style), "mcpp doctor github");
  });

  it("lets no stranger's text move the cursor or turn the line around", () => {
    const error = new ToolError("tool_failed", "a\u001b[2Jb\u202Ec\u0007\r\nd");
    assertEquals(formatError(error, style), "error tool_failed: a[2Jbc\nd");
  });
});

describe("errorJson()", () => {
  it("tells a fault of ours from a failed tool", () => {
    assertEquals(JSON.parse(errorJson(new TypeError("x"))).error.code, "internal");
    assertEquals(JSON.parse(errorJson(new ToolError("tool_failed", "x"))).error, {
      code: "tool_failed",
      message: "x",
    });
  });
});
