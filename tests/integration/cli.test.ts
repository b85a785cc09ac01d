/** The command line as a real process: every command, its exit code, and clean pipes. @module */

import { once } from "node:events";
import { access, mkdir, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, it } from "node:test";
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import {
  askToEnd,
  finished,
  installMcpp,
  mcpp,
  start,
  startMcpp,
} from "../support/mcpp-process.ts";
import { type Cleanup, createTempFolder } from "../support/temp-folder.ts";

const ESCAPE = "\u001b";

/** The user's own configuration file, where the folder is the configuration folder. */
const configOf = (folder: string): string => join(folder, "mcplusplus", "config.yaml");

/** A folder with a configuration of its own. */
async function workplace(t: Cleanup, yaml = ""): Promise<string> {
  const folder = await createTempFolder(t);
  await mkdir(join(folder, "mcplusplus"));
  await writeFile(configOf(folder), yaml);
  return folder;
}

type Running = ReturnType<typeof startMcpp>;

/** Wait until what a process has written so far is enough. */
async function until(
  child: Running,
  isEnough: (output: ReturnType<Running["output"]>) => boolean,
): Promise<void> {
  while (!isEnough(child.output())) {
    await new Promise((resolve) => {
      child.stdout?.once("data", resolve);
      child.stderr?.once("data", resolve);
    });
  }
}

describe("mcpp, as a process", () => {
  it("answers every command in JSON, with plain pipes", { timeout: 60_000 }, async (t) => {
    const folder = await workplace(t, "listen: { port: 0 }");
    const commands: readonly (readonly string[])[] = [
      ["tools"],
      ["tools", "store a value"],
      ["schema", "cache_set"],
      ["call", "cache_set", "--param", "key=a", "--param", "value=1"],
      ["call", "cache_get", "--params", '{"key": "a"}'],
      ["config"],
      ["config", "--check"],
      ["config", "--schema"],
      ["doctor"],
      ["key", "create"],
      ["key", "hash", "x"],
      ["completion", "bash"],
    ];
    const answers = new Map<string, unknown>();
    for (const command of commands) {
      const { code, stdout, stderr } = await mcpp([...command, "--json"], { folder });
      assertEquals([code, stderr], [0, ""], command.join(" "));
      assertEquals(stdout.includes(ESCAPE), false);
      answers.set(command.join(" "), JSON.parse(stdout));
    }
    assertStringIncludes(JSON.stringify(answers.get("tools store a value")), "cache_set");
    const read = JSON.stringify(answers.get('call cache_get --params {"key": "a"}'));
    assertStringIncludes(read, '"value":1');
    const { healthy } = answers.get("doctor") as { readonly healthy: boolean };
    assertEquals(healthy, true);
  });

  it("ends with the code of what happened, and says it on stderr", {
    timeout: 60_000,
  }, async (t) => {
    const folder = await workplace(t);
    const cases: readonly (readonly [number, string, readonly string[]])[] = [
      [0, "", ["--version"]],
      [2, "invalid_input", ["tols"]],
      [2, "invalid_input", ["call", "cache_get", "--param", "kye=a"]],
      [2, "invalid_config", ["tools", "--view", "none"]],
      [5, "unknown_tool", ["call", "cache_gte"]],
      [6, "unknown_category", ["tools", "--category", "cahce"]],
      [6, "unknown_upstream", ["doctor", "github"]],
    ];
    for (const [expected, error, args] of cases) {
      const { code, stderr } = await mcpp(args, { folder });
      assertEquals(code, expected, `${args.join(" ")}: ${stderr}`);
      assertStringIncludes(stderr, error && `error ${error}: `);
      assertEquals(stderr.includes(ESCAPE), false);
    }
  });

  it("serves until it is asked to end", { timeout: 30_000 }, async (t) => {
    const folder = await workplace(t);
    const child = startMcpp(["--port", "0", "--json"], { folder });
    t.after(() => void child.kill("SIGKILL"));
    await until(child, ({ stdout }) => stdout.includes("\n"));
    const { url, event, tools } = JSON.parse(child.output().stdout.split("\n")[0] ?? "");

    assertEquals(event, "listening");
    assert(tools >= 5);
    const answer = await fetch(`${url}/tools?query=cache`);
    assertEquals(answer.status, 200);
    assertStringIncludes(await answer.text(), "cache_get");

    askToEnd(child);
    const { code, stderr } = await finished(child);
    assertEquals(code, 0, stderr);
  });

  it("says that the port is taken, and the doctor by whom", { timeout: 30_000 }, async (t) => {
    const folder = await workplace(t);
    const other = createServer((_, response) => {
      response.setHeader("content-type", "application/json");
      response.end('{"name": "other-server", "version": "9"}');
    });
    other.listen(0, "127.0.0.1");
    await once(other, "listening");
    t.after(() => void other.close());
    const port = `${(other.address() as AddressInfo).port}`;

    const serve = await mcpp(["--port", port], { folder });
    assertEquals(serve.code, 4, serve.stderr);
    assertStringIncludes(serve.stderr, `127.0.0.1:${port} is already in use`);

    const doctor = await mcpp(["doctor", "--port", port], { folder });
    assertEquals(doctor.code, 4);
    assertStringIncludes(doctor.stdout, `127.0.0.1:${port} is taken by other-server 9`);
  });

  it("reads no configuration of the working folder unless it is named", {
    timeout: 30_000,
  }, async (t) => {
    const folder = await workplace(t);
    const marker = join(folder, "started");
    const file = join(folder, "mcpp.yaml");
    await writeFile(file, `mcpServers: { evil: { command: touch, args: ["${marker}"] } }`);

    const { code, stderr } = await mcpp(["tools", "cache"], { folder });

    assertEquals(code, 0);
    assertStringIncludes(stderr, `use it with --config ${file}`);
    await assertRejects(() => stat(marker));
  });

  it("follows its configuration file", { timeout: 30_000 }, async (t) => {
    const folder = await workplace(t, "view: meta");
    const child = startMcpp(["--port", "0", "--json"], { folder });
    t.after(() => void child.kill("SIGKILL"));
    const said = (text: string): Promise<void> =>
      until(child, (output) => JSON.stringify(output).includes(text));
    await said("listening");

    await writeFile(configOf(folder), "view: flat\nlog: { level: error }");
    await said("reloaded");
    const line = child
      .output()
      .stdout.split("\n")
      .find((text) => text.includes("reloaded"));
    assertEquals(JSON.parse(line ?? ""), {
      event: "reloaded",
      changed: ["view", "log.level"],
      needsRestart: [],
    });

    await writeFile(configOf(folder), "view: falt");
    await said("did you mean flat");
    assertEquals(child.exitCode, null);
    askToEnd(child);
    assertEquals((await finished(child)).code, 0);
  });

  it("speaks MCP on stdio and writes nothing else there", { timeout: 30_000 }, async (t) => {
    const folder = await workplace(
      t,
      "features: { upstream: false }\nmcpServers: { a: { command: x } }",
    );
    const message = (id: number, method: string, params: object): string =>
      `${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`;
    const child = startMcpp(["stdio"], { folder, input: "open" });
    t.after(() => void child.kill("SIGKILL"));
    const ask = async (line: string, lines: number): Promise<void> => {
      child.stdin?.write(line);
      await until(child, ({ stdout }) => stdout.split("\n").length > lines);
    };
    const clientInfo = { name: "test", version: "1" };
    const hello = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo };
    await ask(message(1, "initialize", hello), 1);
    await ask(message(2, "tools/list", {}), 2);
    child.stdin?.end();
    const { code, stdout, stderr } = await finished(child);

    assertEquals(code, 0, stderr);
    assertMatch(stderr, /note: mcpServers is ignored/);
    const answers = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const byId = new Map(answers.map((answer) => [answer.id, answer]));
    assertEquals(byId.size, 2);
    assertEquals(byId.get(1).result.protocolVersion, "2025-11-25");
    assertEquals(byId.get(2).result.tools.length, 4);
  });
});

describe("completion, in a real bash", () => {
  it("passes bash -n and completes commands, tools and categories", {
    timeout: 60_000,
  }, async (t) => {
    const folder = await workplace(t);
    const env = { PATH: await installMcpp(folder) };
    const { stdout: script } = await mcpp(["completion", "bash"], { folder });
    const checked = await finished(start("bash", ["-n"], { folder, input: script }));
    assertEquals([checked.code, checked.stderr], [0, ""]);

    const complete = async (...words: readonly string[]): Promise<readonly string[]> => {
      const line = `source <(mcpp completion bash)
        COMP_WORDS=(mcpp "$@"); COMP_CWORD=$#
        $(complete -p mcpp | sed 's/.*-F \\([^ ]*\\).*/\\1/')
        printf '%s\\n' "\${COMPREPLY[@]}"`;
      const args = ["--norc", "-c", line, "bash", ...words];
      const { stdout, stderr } = await finished(start("bash", args, { folder, env }));
      assertEquals(stderr, "");
      return stdout.split("\n").filter((word) => word !== "");
    };
    assertEquals(await complete("sch"), ["schema"]);
    assertEquals(await complete("call", "cache_g"), ["cache_get"]);
    assertEquals(await complete("tools", "--category", "cac"), ["cache"]);
    assertEquals(await complete("serve", "--host"), ["--hostname"]);
    assertEquals(await complete("call", "nothing_of_the_kind"), []);
  });
});

describe("mcpp __complete", () => {
  it("starts no program that the folder's file names", { timeout: 30_000 }, async (t) => {
    const folder = await workplace(
      t,
      'mcpServers: { evil: { command: sh, args: [-c, "echo started > started"] } }',
    );
    const { stdout } = await mcpp(["__complete", "--", "call", "cache_g"], { folder });

    assertMatch(stdout, /^cache_get\t/);
    await assertRejects(() => access(join(folder, "started")));
  });
});

/** Whether this machine has a shell. */
async function hasShell(shell: string, folder: string): Promise<boolean> {
  const { stdout } = await finished(start("sh", ["-c", `command -v ${shell} || true`], { folder }));
  return stdout.trim() !== "";
}

describe("completion, in other shells", () => {
  it("completes in a real fish", { timeout: 60_000 }, async (t) => {
    const folder = await workplace(t);
    if (!(await hasShell("fish", folder))) return t.skip("fish is not installed");
    const env = { PATH: await installMcpp(folder) };
    const line = "mcpp completion fish | source; complete -C 'mcpp call cache_g'";
    const { stdout, stderr } = await finished(start("fish", ["-c", line], { folder, env }));

    assertEquals(stderr, "");
    assertMatch(stdout, /^cache_get\t/);
  });

  it("passes zsh -n", { timeout: 60_000 }, async (t) => {
    const folder = await workplace(t);
    if (!(await hasShell("zsh", folder))) return t.skip("zsh is not installed");
    const { stdout: script } = await mcpp(["completion", "zsh"], { folder });
    const { code, stderr } = await finished(start("zsh", ["-n"], { folder, input: script }));
    assertEquals([code, stderr], [0, ""]);
  });
});
