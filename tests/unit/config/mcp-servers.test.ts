import { describe, it } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import * as v from "valibot";
import { type McpServersConfig, McpServersSchema } from "../../../src/config/mcp-servers.ts";

const parse = (servers: unknown): McpServersConfig => v.parse(McpServersSchema, servers);

function refusalOf(server: unknown): string {
  const { issues } = v.safeParse(McpServersSchema, { server });
  return (issues ?? []).map(({ message }) => message).join("; ");
}

describe("McpServersSchema", () => {
  it("takes what Claude Desktop has", () => {
    const servers = {
      filesystem: { command: "npx", args: ["-y", "server-filesystem", "/home"], env: { A: "1" } },
    };

    assertEquals(parse(servers).filesystem, { type: "stdio", ...servers.filesystem });
  });

  it("takes what VS Code and Cursor have", () => {
    const parsed = parse({
      github: { type: "http", url: "https://example.com/mcp", headers: { A: "b" }, gallery: true },
      other: { type: "streamableHttp", url: "https://example.com/mcp", autoApprove: ["x"] },
      plain: { url: "https://example.com/mcp" },
    });

    assertEquals(
      Object.values(parsed).map(({ type }) => type),
      ["http", "http", "http"],
    );
    assertEquals(Object.keys(parsed.github ?? {}).sort(), ["headers", "type", "url"]);
  });

  it("says what to use instead of what is not supported", () => {
    assertStringIncludes(refusalOf({ type: "sse", url: "https://x/sse" }), 'use "http"');
    assertStringIncludes(refusalOf({ command: "x", envFile: ".env" }), "env or inheritEnv");
    assertStringIncludes(refusalOf({ command: "x", url: "https://x" }), "this one has both");
    assertStringIncludes(refusalOf({ args: [] }), "needs a command");
    assertStringIncludes(refusalOf("npx server"), "a server is an object");
  });

  it("refuses unknown and wrong settings", () => {
    assertStringIncludes(refusalOf({ command: "x", timeout: 5 }), '"timeout"');
    assertStringIncludes(refusalOf({ command: "x", timeoutMs: -5 }), ">=1");
    assertStringIncludes(refusalOf({ command: "x", args: "-y" }), "Array");
    assertStringIncludes(refusalOf({ url: "https://x", pins: { a: "sha1:00" } }), "Invalid format");
  });
});
