import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { paramHeadersOf } from "../../../src/upstream/param-headers.ts";

describe("paramHeadersOf()", () => {
  const headersOf = paramHeadersOf({
    type: "object",
    properties: {
      region: { type: "string", "x-mcp-header": "Region" },
      deep: {
        type: "object",
        properties: { dry: { type: "boolean", "x-mcp-header": "Dry-Run" } },
      },
      bad: { type: "string", "x-mcp-header": "not a token" },
    },
  });

  it("takes the declared parameters from anywhere in the input", () => {
    assertEquals(headersOf?.({ region: "eu", deep: { dry: true }, bad: "x" }), {
      "Mcp-Param-Region": "eu",
      "Mcp-Param-Dry-Run": "true",
    });
  });

  it("encodes what a header cannot carry", () => {
    const encoded = (region: string) => headersOf?.({ region })?.["Mcp-Param-Region"];

    assertEquals(encoded("Zürich"), "=?base64?WsO8cmljaA==?=");
    assertEquals(encoded("a\r\nHost: evil"), "=?base64?YQ0KSG9zdDogZXZpbA==?=");
    assertEquals(encoded(" padded "), "=?base64?IHBhZGRlZCA=?=");
    assertEquals(encoded("=?base64?eA==?="), "=?base64?PT9iYXNlNjQ/ZUE9PT89?=");
    assertEquals(encoded("plain text"), "plain text");
  });

  it("leaves out what is absent or no plain value", () => {
    assertEquals(headersOf?.({ region: null, deep: "x" }), {});
    assertEquals(paramHeadersOf({ type: "object" }), undefined);
  });
});
