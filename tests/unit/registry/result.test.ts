import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { isCallResult, text, toCallResult } from "../../../src/registry/result.ts";

describe("toCallResult()", () => {
  it("gives a value as structured content and the same as text", () => {
    for (const value of [{ sum: 3 }, [1, 2], 5, false, null]) {
      assertEquals(toCallResult(value), {
        content: [text(JSON.stringify(value))],
        structuredContent: value,
      });
    }
  });

  it("gives text as text, and nothing as no content", () => {
    assertEquals(toCallResult("hello"), { content: [text("hello")] });
    assertEquals(toCallResult(undefined), { content: [] });
  });
});

describe("isCallResult()", () => {
  it("knows a full result and a question", () => {
    assert(isCallResult({ content: [{ type: "image", data: "", mimeType: "image/png" }] }));
    assert(isCallResult({ content: [text("x")], isError: true }));
    assert(isCallResult({ resultType: "input_required", inputRequests: {} }));
  });

  it("takes a value that merely has a field called content for a value", () => {
    for (const value of [{ content: ["first"] }, { content: "text" }, {}, [], null, "text", 1]) {
      assertEquals(isCallResult(value), false);
    }
  });
});
