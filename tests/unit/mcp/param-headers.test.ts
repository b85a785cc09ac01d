import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { checkParamHeaders, declaresParamHeaders } from "../../../src/mcp/param-headers.ts";
import type { RpcError } from "../../../src/mcp/results.ts";
import { targetOf } from "../../support/calls.ts";

const { tool } = targetOf(undefined, {
  inputSchema: {
    type: "object",
    properties: {
      region: { type: "string", "x-mcp-header": "Region" },
      limit: { type: "number", "x-mcp-header": "Limit" },
      isDry: { type: "boolean", "x-mcp-header": "Dry" },
      where: { type: "object", properties: { city: { type: "string", "x-mcp-header": "City" } } },
      other: { type: "string" },
    },
  },
});

function check(args: unknown, headers: Readonly<Record<string, string>>): RpcError | undefined {
  const given = new Headers(headers);
  return checkParamHeaders(tool, args, (name) => given.get(name));
}

describe("checkParamHeaders()", () => {
  it("knows the tools that declare parameters for headers, at any depth", () => {
    assert(declaresParamHeaders(tool));
    assert(!declaresParamHeaders(targetOf().tool));
  });

  it("passes what says the same", () => {
    const args = { region: "eu", limit: 10, isDry: true, where: { city: "Wien" }, other: "x" };

    assertEquals(
      check(args, {
        "mcp-param-region": "eu",
        "mcp-param-limit": "10.0",
        "mcp-param-dry": "true",
        "mcp-param-city": "Wien",
      }),
      undefined,
    );
    assertEquals(check({ region: "ü" }, { "mcp-param-region": "=?base64?w7w=?=" }), undefined);
    assertEquals(check({ region: null }, {}), undefined);
    assertEquals(check(undefined, {}), undefined);
  });

  it("refuses what is missing or says something else", () => {
    assertEquals(check({ region: "eu" }, {}), {
      code: -32020,
      message: 'The header Mcp-Param-Region is missing, but the argument region is "eu"',
      data: { mismatch: { header: "Mcp-Param-Region", body: "region" } },
    });
    assertEquals(check({ where: { city: "Wien" } }, { "mcp-param-city": "Graz" })?.data, {
      mismatch: { header: "Mcp-Param-City", body: "where.city" },
    });
    for (const [args, headers] of [
      [{ region: "eu" }, { "mcp-param-region": "EU" }],
      [{ limit: 10 }, { "mcp-param-limit": "" }],
      [{ limit: 0 }, { "mcp-param-limit": " " }],
      [{ isDry: false }, { "mcp-param-dry": "0" }],
      [{ region: "ü" }, { "mcp-param-region": "=?base64?w7w?=" }],
      [{ region: "ü" }, { "mcp-param-region": "=?base64?/w==?=" }],
    ] as const) {
      assertEquals(check(args, headers)?.code, -32020, JSON.stringify(headers));
    }
  });

  it("looks at no inherited property", () => {
    const inherited = targetOf(undefined, {
      inputSchema: { properties: { constructor: { "x-mcp-header": "C" } } },
    }).tool;

    assertEquals(
      checkParamHeaders(inherited, {}, () => null),
      undefined,
    );
  });
});
