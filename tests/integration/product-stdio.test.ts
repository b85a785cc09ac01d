import { spawn } from "node:child_process";
import process from "node:process";
import { text } from "node:stream/consumers";
import { describe, it, type TestContext } from "node:test";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { assert, assertEquals } from "@std/assert";
import { programOf } from "../support/client-links.ts";
import { initialize } from "../support/messages.ts";
import { createTempFolder } from "../support/temp-folder.ts";

const MAIN = `${import.meta.dirname}/../../runtimes/main.ts`;

/** The product as its users start it, with a data folder of the test's own. */
async function product(t: TestContext): Promise<ReturnType<typeof programOf>> {
  const folder = await createTempFolder(t);
  return programOf(MAIN, ["stdio", "--data-dir", folder]);
}

const call = (id: number, name: string, args: object): object => ({
  jsonrpc: "2.0",
  id,
  method: "tools/call",
  params: { name, arguments: args },
});

describe("mcpp stdio", () => {
  for (const mode of ["legacy", "auto"] as const) {
    it(`serves the built-in tools to a client in mode ${mode}`, async (t) => {
      const client = new Client(
        { name: "test", version: "1.0.0" },
        { versionNegotiation: { mode } },
      );
      await client.connect(new StdioClientTransport({ ...(await product(t)), stderr: "pipe" }));
      t.after(() => client.close());

      const { tools } = await client.listTools();
      const set = await client.callTool({
        name: "dispatch",
        arguments: { tool: "cache_set", params: { key: "a", value: { b: [1] } } },
      });
      const got = await client.callTool({ name: "cache_get", arguments: { key: "a" } });
      const health = await client.callTool({ name: "monitoring_health", arguments: {} });

      assertEquals(tools.length, 4);
      assertEquals(set.isError, undefined);
      const { found, value } = got.structuredContent as { found: boolean; value: unknown };
      assertEquals([found, value], [true, { b: [1] }]);
      assertEquals((health.structuredContent as { healthy: boolean }).healthy, true);
    });
  }

  it("answers what is piped in, and ends", async (t) => {
    const { command, args } = await product(t);
    const child = spawn(command, args, { stdio: ["pipe", "pipe", "ignore"] });
    t.after(() => child.kill("SIGKILL"));
    const lines = [
      initialize(),
      { jsonrpc: "2.0", method: "notifications/initialized" },
      call(1, "list_tools", { query: "health" }),
      call(2, "monitoring_health", {}),
      call(3, "dispatch", { tool: "cache_stats" }),
    ];

    child.stdin.end(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    const exited = new Promise((resolve) => child.once("exit", resolve));
    const output = await text(child.stdout);

    const answers = output
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    assertEquals(answers.map(({ id }) => id).toSorted(), [0, 1, 2, 3]);
    for (const { result } of answers) assert(result && !result.isError, output);
    assertEquals(await exited, 0);
  });

  it("ends when it is told to", async (t) => {
    if (process.platform === "win32") return t.skip("Windows has no SIGTERM");
    const { command, args } = await product(t);
    const child = spawn(command, args, { stdio: ["pipe", "pipe", "ignore"] });
    t.after(() => child.kill("SIGKILL"));
    const exited = new Promise((resolve) => child.once("exit", (code) => resolve(code)));
    child.stdin.write(`${JSON.stringify(initialize())}\n`);
    await new Promise((resolve) => child.stdout.once("data", resolve));

    assert(child.pid);
    // Deno 2.9 reports a child that it killed itself as ended by the signal, whatever its exit code.
    process.kill(child.pid, "SIGTERM");

    assertEquals(await exited, 0);
  });
});
