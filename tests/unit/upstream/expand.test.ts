// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the configuration's own syntax.
import { describe, it } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import type { McpServerConfig } from "../../../src/config/mcp-servers.ts";
import { InputError } from "../../../src/errors.ts";
import { childEnvironment, expandServer } from "../../../src/upstream/expand.ts";

const surroundings = {
  environment: { TOKEN: "t0k", HOME: "/home/ada", EMPTY: "" },
  workingFolder: "/work",
};
const expand = (config: McpServerConfig): McpServerConfig =>
  expandServer("github", config, surroundings);

describe("expandServer()", () => {
  it("fills in variables wherever a program's configuration has text", () => {
    const config = expand({
      type: "stdio",
      command: "${userHome}/bin/server",
      args: ["--token=${env:TOKEN}", "--mode=${MODE:-fast}", "$TOKEN stays"],
      env: { TOKEN: "${TOKEN}", EMPTY: "${EMPTY:-x}" },
      cwd: "${workspaceFolder}/sub",
    });

    assertEquals(config, {
      type: "stdio",
      command: "/home/ada/bin/server",
      args: ["--token=t0k", "--mode=fast", "$TOKEN stays"],
      env: { TOKEN: "t0k", EMPTY: "" },
      cwd: "/work/sub",
    });
  });

  it("fills in address and headers", () => {
    const config = expand({
      type: "http",
      url: "https://${HOST:-example.com}/mcp",
      headers: { Authorization: "Bearer ${TOKEN}" },
    });

    assertEquals(config, {
      type: "http",
      url: "https://example.com/mcp",
      headers: { Authorization: "Bearer t0k" },
    });
  });

  it("names a variable that is missing", () => {
    const error = assertThrows(
      () => expand({ type: "stdio", command: "x", env: { A: "${env:GITHUB_TOKEN}" } }),
      InputError,
      "mcpServers.github needs the environment variable GITHUB_TOKEN",
    );
    assertEquals(error.data, { upstream: "github", variable: "GITHUB_TOKEN" });
  });

  it("does not take what objects inherit for a variable", () => {
    assertThrows(
      () => expand({ type: "stdio", command: "${constructor}" }),
      InputError,
      "constructor",
    );
  });

  it("says that only an editor can ask", () => {
    assertThrows(
      () => expand({ type: "http", url: "https://x/${input:token}" }),
      InputError,
      "use ${env:NAME}",
    );
  });
});

describe("childEnvironment()", () => {
  const environment = {
    ...{ PATH: "/bin", HOME: "/home/ada", LANG: "C", AWS_SECRET_ACCESS_KEY: "s", WANTED: "w" },
    TERM: "() { :; }; echo shellshock",
  };

  it("passes the usual few, what is asked for, and what is set", () => {
    const env = childEnvironment(
      { type: "stdio", command: "x", inheritEnv: ["WANTED", "ABSENT"], env: { LANG: "de" } },
      environment,
    );

    assertEquals(env, { PATH: "/bin", HOME: "/home/ada", LANG: "de", WANTED: "w" });
  });
});
