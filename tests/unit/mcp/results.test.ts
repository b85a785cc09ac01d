import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { AuthError, InputError, ToolError, UnavailableError } from "../../../src/errors.ts";
import { anyRpcErrorOf, errorResult, legacyResult, rpcErrorOf } from "../../../src/mcp/results.ts";
import { text } from "../../../src/registry/result.ts";
import { targetOf } from "../../support/calls.ts";

describe("rpcErrorOf()", () => {
  it("makes a protocol error of a name that does not exist, and of nothing else", () => {
    const unknown = new InputError("unknown_tool", "No such tool", { data: { nearest: ["a"] } });

    assertEquals(rpcErrorOf(unknown), {
      code: -32602,
      message: "No such tool",
      data: { code: "unknown_tool", nearest: ["a"] },
    });
    for (const error of [
      new InputError("invalid_input", "Wrong"),
      new AuthError("capability_missing", "No"),
      new ToolError("tool_failed", "Broke"),
      new Error("bug"),
      "text",
    ]) {
      assertEquals(rpcErrorOf(error), undefined);
    }
  });
});

describe("anyRpcErrorOf()", () => {
  it("blames the request for faults of the request, and the server for others", () => {
    assertEquals(anyRpcErrorOf(new InputError("invalid_input", "Wrong")).code, -32602);
    assertEquals(anyRpcErrorOf(new UnavailableError("queue_full", "Full")), {
      code: -32603,
      message: "Full",
      data: { code: "queue_full" },
    });
    assertEquals(anyRpcErrorOf(new Error("bug")).data, { code: "tool_failed" });
  });
});

describe("errorResult()", () => {
  it("tells a model the code and the sentence, and a program the same", () => {
    const error = new ToolError("tool_failed", "Disk full", { data: { path: "/a" } });

    assertEquals(errorResult(error), {
      content: [text("tool_failed: Disk full")],
      isError: true,
      _meta: {
        "mcplusplus/error": { code: "tool_failed", message: "Disk full", data: { path: "/a" } },
      },
    });
  });

  it("shows the schema and an example where the parameters were wrong", () => {
    const target = targetOf(undefined, {
      inputSchema: { type: "object", properties: { a: { type: "number" } }, required: ["a"] },
    });

    const { content } = errorResult(new InputError("invalid_input", "Wrong"), target);

    assertEquals(JSON.parse(String(content[1]?.text)), {
      schema: target.tool.inputSchema,
      example: { tool: "probe", params: { a: 1 } },
    });
    assertEquals(errorResult(new ToolError("tool_failed", "x"), target).content.length, 1);
  });
});

describe("legacyResult()", () => {
  it("wraps structured content that is no object", () => {
    for (const value of [[1], 7, "x", null, false]) {
      assertEquals(legacyResult({ content: [], structuredContent: value }).structuredContent, {
        result: value,
      });
    }
    const plain = { content: [], structuredContent: { a: 1 } };
    assertEquals(legacyResult(plain), plain);
    assertEquals(legacyResult({ content: [] }), { content: [] });
  });
});
