/** What every command has in common: help, usage, errors, exit codes, plain output. @module */

import { describe, it } from "node:test";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { upstreamStatus } from "../../support/fake-app.ts";
import { cli, startCli } from "../../support/run-cli.ts";

const ESCAPE = "\u001b";

describe("runCli()", () => {
  it("prints the version and help on stdout", async () => {
    assertEquals(await cli(["--version"]).then(({ code, stdout }) => [code, stdout]), [
      0,
      "0.1.0\n",
    ]);
    const help = await cli(["--help"]);
    assertEquals(help.code, 0);
    for (const word of ["serve", "stdio", "tools", "schema", "call", "config", "doctor", "key"]) {
      assertMatch(help.stdout, new RegExp(`\\n\\s+${word}\\s`));
    }
    assertEquals(help.stdout.includes("__complete"), false);
    const forCall = await cli(["call", "--help"]);
    assertStringIncludes(forCall.stdout, "--data-dir");
    assertStringIncludes(forCall.stdout, "mcpp call <tool>");
    assertEquals(forCall.apps.length, 0);
  });

  it("names the command that was meant, with exit code 2", async () => {
    const { code, stdout, stderr } = await cli(["tols"]);

    assertEquals(code, 2);
    assertEquals(stdout, "");
    assertStringIncludes(stderr, 'error invalid_input: There is no command "tols"');
    assertStringIncludes(stderr, "did you mean  tools");
    assertStringIncludes(stderr, "mcpp --help");
  });

  it("names the flag that was meant, with exit code 2", async () => {
    for (const args of [["tools", "--prot", "1"], ["--prot", "1"], ["call"], ["serve", "x"]]) {
      const { code, stderr, apps } = await cli(args);
      assertEquals(code, 2, args.join(" "));
      assertStringIncludes(stderr, "error invalid_input: ");
      assertEquals(apps.length, 0);
    }
    assertStringIncludes((await cli(["tools", "--prot", "1"])).stderr, "--port");
  });

  it("tells an error of the configuration with file and line, with exit code 2", async () => {
    const files = { "/work/mcpp.yaml": "listen:\n  prot: 1\n" };
    const { code, stderr } = await cli(["tools"], { files });

    assertEquals(code, 2);
    assertStringIncludes(stderr, "error invalid_config: /work/mcpp.yaml:2:3: there is no setting");
    assertStringIncludes(stderr, "did you mean  port");
    assertStringIncludes(stderr, "mcpp config --explain");
  });

  it("reads the named file only, and says so when it is missing", async () => {
    const files = { "/work/mcpp.yaml": "view: [", "/work/b.yaml": "view: flat" };
    const named = await cli(["config", "--json", "--config", "b.yaml"], { files });
    assertStringIncludes(named.stdout, '"origin":"file /work/b.yaml:1"');

    const missing = await cli(["config", "--config", "c.yaml"], { files });
    assertEquals(missing.code, 2);
    assertStringIncludes(missing.stderr, "/work/c.yaml, which does not exist");
  });

  it("passes shared flags on as settings", async () => {
    const { apps } = await cli(
      ["tools", "--port", "9", "--root", "a", "--root", "/b", "--set", "limits.timeoutMs=5"].concat(
        ["--data-dir", "d", "--hostname", "::1", "--view", "flat"],
      ),
    );
    const config = apps[0]?.app.config;

    assertEquals(config?.listen.port, 9);
    assertEquals(config?.listen.hostname, "::1");
    assertEquals(config?.roots, ["/work/a", "/b"]);
    assertEquals(config?.limits.timeoutMs, 5);
    assertEquals(config?.dataDir, "/work/d");
    assertEquals(config?.view, "flat");
    assertEquals(apps[0]?.stopped(), true);
  });

  it("gives errors as JSON on stderr where --json is asked for", async () => {
    const failed = await cli(["call", "read_txt_file", "--json"]);
    const { error } = JSON.parse(failed.stderr);

    assertEquals(failed.code, 5);
    assertEquals(failed.stdout, "");
    assertEquals(error.code, "unknown_tool");
    assertEquals(error.data.nearest[0], "read_text_file");
    assertEquals(JSON.parse((await cli(["tols", "--json"])).stderr).error.code, "invalid_input");
  });

  it("ends with the exit code of what happened", async () => {
    const codes = new Map([
      ["result", 5],
      ["tool", 5],
      ["down", 4],
      ["bug", 1],
    ]);
    for (const [how, expected] of codes) {
      const { code, stdout, stderr, apps } = await cli(["call", "fail", "--param", `how=${how}`]);
      assertEquals(code, expected, how);
      assertEquals(stdout, "");
      assertStringIncludes(stderr, "error ");
      assertEquals(apps[0]?.stopped(), true, "the app is stopped whatever happens");
    }
    assertEquals((await cli(["call", "fail", "--param", "how=no"])).code, 2);
    assertEquals((await cli(["call", "nothing_of_the_kind"])).code, 5);
    assertEquals((await cli(["tools", "--category", "filesytem"])).code, 6);
    assertEquals((await cli(["doctor", "github"])).code, 6);
  });

  it("ends a command that is stopped, and its app with it, with exit code 7", async () => {
    const upstreams = [upstreamStatus("slow", { state: "starting" })];
    const running = startCli(["tools"], { isInteractive: true, app: { upstreams } });
    await running.printed("starting slow");
    running.stop();

    assertEquals(await running.exitCode, 7);
    assertStringIncludes(running.stderr(), "error cancelled");
    assertEquals(running.stdout().includes("read_text_file"), false, "no result after the end");
    assertEquals(running.apps[0]?.stopped(), true);
  });

  it("asks for a report where the fault is ours", async () => {
    const { stderr } = await cli(["call", "fail", "--param", "how=bug"]);
    assertStringIncludes(stderr, "error internal: x is not a function");
    assertStringIncludes(stderr, "please report it");
  });

  it("writes no escape code where it is piped, nor with NO_COLOR", async () => {
    const commands = [["tools"], ["schema", "fail"], ["config"], ["doctor"], ["--help"], ["tols"]];
    for (const args of commands) {
      const piped = await cli(args);
      assertEquals(`${piped.stdout}${piped.stderr}`.includes(ESCAPE), false, args.join(" "));
      const plain = await cli(args, { isInteractive: true, environment: { NO_COLOR: "1" } });
      assertEquals(`${plain.stdout}${plain.stderr}`.includes(`${ESCAPE}[3`), false);
    }
    const coloured = await cli(["tools"], { isInteractive: true });
    assert(coloured.stdout.includes(`${ESCAPE}[1m`));
    assertEquals(coloured.stdout.includes(`${ESCAPE}[31min red`), false, "a stranger's colour");
  });
});
