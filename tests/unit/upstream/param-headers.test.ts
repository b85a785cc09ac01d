import { describe, it } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { paramHeaderFault, paramHeadersOf } from "../../../src/upstream/param-headers.ts";

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

describe("paramHeaderFault()", () => {
  const schemaOf = (properties: object) => ({ type: "object", properties });
  const marked = (header: unknown, type: unknown = "string") => ({ type, "x-mcp-header": header });

  it("has nothing against headers of plain parameters, at any depth", () => {
    const deep = schemaOf({ dry: marked("Dry-Run", "boolean") });

    assertEquals(
      paramHeaderFault(schemaOf({ a: marked("A"), b: marked("B", "integer") })),
      undefined,
    );
    assertEquals(paramHeaderFault(schemaOf({ a: marked("A"), deep })), undefined);
    assertEquals(paramHeaderFault({ type: "object", default: { "x-mcp-header": "" } }), undefined);
  });

  it("names what no header can be called", () => {
    for (const header of ["", "My Region", "Region:Primary", "Région", "Region\t1", 7]) {
      assertStringIncludes(paramHeaderFault(schemaOf({ a: marked(header) })) ?? "", "/a");
    }
  });

  it("names what a header cannot carry", () => {
    for (const type of ["number", "object", "array", "null", ["string", "null"]]) {
      assertStringIncludes(
        paramHeaderFault(schemaOf({ a: marked("A", type) })) ?? "",
        "/a must be",
      );
    }
  });

  it("names a header that two parameters want, however it is written", () => {
    const fault = paramHeaderFault(schemaOf({ a: marked("Region"), b: marked("region") }));

    assertStringIncludes(fault ?? "", "/b is there twice");
  });

  it("names a header of what is no parameter by name", () => {
    const inList = schemaOf({ list: { type: "array", items: marked("A") } });
    const inChoice = { type: "object", anyOf: [schemaOf({ a: marked("A") })] };

    assertStringIncludes(paramHeaderFault(inList) ?? "", "/list/items");
    assertStringIncludes(paramHeaderFault(inChoice) ?? "", "no parameter's");
    assertStringIncludes(paramHeaderFault(marked("A")) ?? "", "no parameter's");
  });
});
