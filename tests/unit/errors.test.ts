import { describe, it } from "node:test";
import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import {
  AuthError,
  ConflictError,
  DeadlineError,
  InputError,
  IntegrityError,
  MeshError,
  messageOf,
  reportOf,
  ToolError,
  UnavailableError,
} from "../../src/errors.ts";

describe("the error families", () => {
  it("say by their kind whether to try again", () => {
    const retryable = [
      new UnavailableError("queue_full", "x"),
      new DeadlineError("cancelled", "x"),
      new ConflictError("version_conflict", "x"),
    ];
    const final = [
      new InputError("invalid_input", "x"),
      new AuthError("unauthenticated", "x"),
      new IntegrityError("cid_mismatch", "x"),
      new ToolError("tool_failed", "x"),
    ];

    assert(retryable.every((error) => error.retryable));
    assert(final.every((error) => !error.retryable));
  });

  it("carry a code, a name, data and the cause", () => {
    const cause = new TypeError("inner");
    const error = new UnavailableError("rate_limited", "Slow down", {
      cause,
      data: { retryAfterMs: 5 },
    });

    assertInstanceOf(error, MeshError);
    assertInstanceOf(error, Error);
    assertEquals(
      [error.name, error.code, error.message],
      ["UnavailableError", "rate_limited", "Slow down"],
    );
    assertEquals(error.cause, cause);
    assertEquals(error.data, { retryAfterMs: 5 });
    assertEquals(new ToolError("tool_failed", "x").data, {});
  });
});

describe("reportOf()", () => {
  it("shows code, sentence and data, but not the cause", () => {
    const error = new InputError("not_found", "Nothing here", {
      data: { path: "/x" },
      cause: new Error("secret"),
    });

    assertEquals(reportOf(error), {
      code: "not_found",
      message: "Nothing here",
      data: { path: "/x" },
    });
    assertEquals(reportOf(new ToolError("tool_failed", "It broke")), {
      code: "tool_failed",
      message: "It broke",
    });
  });

  it("gives foreign errors and thrown values the code of a failed tool", () => {
    assertEquals(reportOf(new RangeError("too big")), { code: "tool_failed", message: "too big" });
    assertEquals(reportOf("just text"), { code: "tool_failed", message: "just text" });
    assertEquals(messageOf(undefined), "undefined");
  });
});
