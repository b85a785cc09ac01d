/** Proposals and the scripts that ask for them. @module */

import { describe, it } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { cli } from "../../support/run-cli.ts";

const proposals = async (...words: readonly string[]): Promise<readonly string[]> => {
  const { code, stdout, stderr } = await cli(["__complete", "--", ...words]);
  assertEquals([code, stderr], [0, ""]);
  return stdout.split("\n").flatMap((line) => line.split("\t")[0] || []);
};

describe("mcpp __complete", () => {
  it("proposes commands, flags, tools, categories and choices", async () => {
    assertEquals(await proposals("to"), ["tools"]);
    assertEquals(await proposals("key", ""), ["create", "hash"]);
    assertEquals(await proposals("peers", ""), ["list", "connect", "discover", "ping"]);
    assertEquals(await proposals("peers", "discover", "--source", "m"), ["mdns"]);
    assertEquals(await proposals("tasks", "re"), ["result", "retry"]);
    assertEquals(await proposals("tasks", "list", "--state", "de"), ["dead"]);
    assertEquals(await proposals("tasks", "submit", "re"), ["read_text_file"]);
    assertEquals(await proposals("identity", "im"), ["import"]);
    assertEquals(await proposals("serve", "--da"), ["--data-dir"]);
    assertEquals(await proposals("call", "re"), ["read_text_file"]);
    assertEquals(await proposals("schema", "filesystem/"), ["filesystem/read_text_file"]);
    assertEquals(await proposals("tools", "--category", "tr"), ["trouble"]);
    assertEquals(await proposals("tools", "--view", ""), ["meta", "flat", "hybrid"]);
    assertEquals(await proposals("key", "create", "--access", "d"), ["destructive"]);
    assertEquals(await proposals("completion", "z"), ["zsh"]);
  });

  it("has no server started: a folder's file may name any program", async () => {
    const files = {
      "/work/mcpp.yaml": "mcpServers: { a: { command: x }, b: { url: 'https://b' } }",
    };
    const { apps } = await cli(["__complete", "--", "call", "re"], { files });
    const servers = Object.values(apps[0]?.app.config.mcpServers ?? {});

    assertEquals(
      servers.map(({ disabled }) => disabled),
      [true, true],
    );
    assertEquals(apps[0]?.stopped(), true);
  });

  it("stays silent where the configuration is broken", async () => {
    const files = { "/work/mcpp.yaml": "veiw: x" };
    const { code, stdout, stderr } = await cli(["__complete", "--", "call", ""], { files });
    assertEquals([code, stdout, stderr], [0, "", ""]);
  });
});

describe("mcpp completion", () => {
  it("prints a script per shell and refuses another", async () => {
    for (const shell of ["bash", "zsh", "fish"]) {
      const { code, stdout } = await cli(["completion", shell]);
      assertEquals(code, 0);
      assertStringIncludes(stdout, "__complete");
    }
    const { code, stderr } = await cli(["completion", "tcsh"]);
    assertEquals(code, 2);
    assertStringIncludes(stderr, "bash, zsh and fish");
    assertEquals(JSON.parse((await cli(["completion", "fish", "--json"])).stdout).shell, "fish");
  });
});
