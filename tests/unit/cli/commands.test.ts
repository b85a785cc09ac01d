/** Each command, for a person and for a program. @module */

import { describe, it } from "node:test";
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { hashApiKey } from "../../../src/auth/api-keys.ts";
import { cli } from "../../support/run-cli.ts";

describe("mcpp tools", () => {
  it("lists tools in aligned columns with their source", async () => {
    const { code, stdout } = await cli(["tools"]);

    assertEquals(code, 0);
    assertEquals(stdout.split("\n"), [
      `trouble/fail               ${"Fail [31min red[0m as asked".padEnd(44)}  built in`,
      "filesystem/read_text_file  Read the complete contents of a file as text  upstream",
      "",
    ]);
  });

  it("cuts the description where a terminal is narrow, and never where it is piped", async () => {
    const environment = { NO_COLOR: "1" };
    const { stdout } = await cli(["tools"], { isInteractive: true, columns: 60, environment });
    const [, line = ""] = stdout.split("\n");

    assertEquals([...line].length <= 60, true, line);
    assertMatch(line, /Read the .*… {2}upstream$/);
  });

  it("finds by words, keeps to a category and a limit, and answers in JSON", async () => {
    const found = JSON.parse((await cli(["tools", "contents of a file", "--json"])).stdout);
    assertEquals(
      found.tools.map(({ name }: { name: string }) => name),
      ["read_text_file"],
    );
    assertEquals(found.tools[0].source, "upstream");
    assertEquals(found.tools[0].annotations.readOnlyHint, true);

    const limited = await cli(["tools", "--limit", "1"]);
    assertEquals(limited.stdout.trim().split("\n").length, 1);
    assertStringIncludes(limited.stderr, "1 more");
    assertEquals((await cli(["tools", "--limit", "none"])).code, 2);

    const none = await cli(["tools", "no such words", "--category", "trouble"]);
    assertEquals([none.code, none.stdout], [0, ""]);
    assertStringIncludes(none.stderr, "no tool fits");
  });
});

describe("mcpp schema", () => {
  it("shows parameters, types, defaults and a call that can be pasted", async () => {
    const { stdout } = await cli(["schema", "filesystem/read_text_file"]);

    assertMatch(stdout, /path\*\s+string\s+Which file/);
    assertMatch(stdout, /tags\s+string\[\]/);
    assertMatch(stdout, /isBinary\s+boolean\s+\(default false\)/);
    assertStringIncludes(stdout, "mcpp call read_text_file --param path=notes.md");
  });

  it("gives a program the definition in full", async () => {
    const schema = JSON.parse((await cli(["schema", "read_text_file", "--json"])).stdout);

    assertEquals(schema.inputSchema.required, ["path"]);
    assertEquals(schema.example, { tool: "read_text_file", params: { path: "notes.md" } });
    assertMatch(schema.interfaceCid, /^b[a-z2-7]+$/);
  });
});

describe("mcpp call", () => {
  it("reads parameters as the tool's schema wants them", async () => {
    const words = ["path=42", "head=3", "tags=a", "tags=b", "isBinary=true"];
    const args = ["call", "read_text_file", ...words.flatMap((word) => ["--param", word])];
    const { code, stdout, apps } = await cli(args);

    assertEquals(code, 0);
    const expected = { path: "42", head: 3, tags: ["a", "b"], isBinary: true };
    assertEquals(JSON.parse(stdout), expected);
    assertEquals(apps[0]?.calls[0]?.input, expected);
    assertEquals(apps[0]?.calls[0]?.caller.id, "local");
  });

  it("takes all parameters as JSON, from the command line or standard input", async () => {
    const json = '{"path": "x", "head": 2}';
    const inline = await cli(["call", "read_text_file", "--params", json]);
    const piped = await cli(["call", "read_text_file", "--params", "-"], { input: json });
    const both = await cli(["call", "read_text_file", "--params", json, "--param", "head=9"]);

    assertEquals(JSON.parse(inline.stdout), { path: "x", head: 2, isBinary: false });
    assertEquals(piped.stdout, inline.stdout);
    assertEquals(JSON.parse(both.stdout).head, 9);
    assertEquals((await cli(["call", "read_text_file", "--params", "[1]"])).code, 2);
    assertEquals((await cli(["call", "read_text_file", "--params", "-"])).code, 2);
    assertEquals((await cli(["call", "read_text_file", "--param", "path"])).code, 2);
  });

  it("prints text as it is, and the whole result with --json", async () => {
    const args = ["call", "read_text_file", "--param", "path=plain.txt"];

    assertEquals((await cli(args)).stdout, "plain text\n");
    const { content } = JSON.parse((await cli([...args, "--json"])).stdout);
    assertEquals(content, [{ type: "text", text: "plain text" }]);
  });

  it("gives a failed result to a program, with exit code 5", async () => {
    const { code, stdout } = await cli(["call", "fail", "--json"]);

    assertEquals(code, 5);
    assertEquals(JSON.parse(stdout).isError, true);
  });

  it("names the nearest tools and parameters, and the command to look further", async () => {
    const { stderr } = await cli(["call", "read_txt_file", "--param", "path=notes.md"]);
    assertMatch(stderr, /^error unknown_tool: There is no tool "read_txt_file"\n/);
    assertStringIncludes(stderr, "\n  did you mean  read_text_file");
    assertStringIncludes(stderr, "\n  see them with  mcpp tools read\n");

    const wrong = await cli(["call", "read_text_file", "--param", "pth=x"]);
    assertEquals(wrong.code, 2);
    assertStringIncludes(wrong.stderr, "did you mean  path");
    assertStringIncludes(wrong.stderr, "mcpp schema read_text_file");
  });
});

describe("mcpp config", () => {
  it("shows every setting with its origin, and explains on request", async () => {
    const environment = { MCPP_PORT: "9000" };
    const { stdout } = await cli(["config", "--view", "flat"], { environment });
    assertMatch(stdout, /listen\.port\s+9000\s+environment MCPP_PORT/);
    assertMatch(stdout, /view\s+"flat"\s+flag --view/);

    const explained = await cli(["config", "--explain"]);
    assertStringIncludes(explained.stdout, "TCP port; 0 takes any free one");
  });

  it("checks without printing everything", async () => {
    const files = { "/work/mcpp.yaml": "view: hybrid" };
    const good = await cli(["config", "--check"], { files });
    assertEquals([good.code, good.stdout], [0, "✓ /work/mcpp.yaml\n"]);
    assertStringIncludes(good.stderr, "pinned names no category");

    const json = JSON.parse((await cli(["config", "--check", "--json"], { files })).stdout);
    assertEquals(json, { ok: true, file: "/work/mcpp.yaml", warnings: json.warnings });
    assertEquals(json.warnings.length, 1);

    const bad = await cli(["config", "--check"], { files: { "/work/mcpp.yaml": "veiw: x" } });
    assertEquals([bad.code, bad.stdout], [2, ""]);
  });

  it("prints the schema for editors even when the configuration is broken", async () => {
    const { code, stdout } = await cli(["config", "--schema"], {
      files: { "/work/mcpp.yaml": "{" },
    });
    assertEquals(code, 0);
    assertEquals(JSON.parse(stdout).properties.view.default, "meta");
  });
});

describe("mcpp key", () => {
  it("makes a key whose entry the configuration accepts", async () => {
    const args = ["key", "create", "--id", "ci", "--category", "cache", "--json"];
    const { key, entry } = JSON.parse((await cli(args)).stdout);

    assertMatch(key, /^mcpp_ci_[\w-]{43}$/);
    assertEquals(entry.hash, hashApiKey(key));
    assertEquals(entry.categories, ["cache"]);
    const files = { "/work/mcpp.yaml": `auth: ${JSON.stringify({ keys: [entry] })}` };
    assertEquals((await cli(["config", "--check"], { files })).code, 0);
  });

  it("prints the key alone on stdout and the entry beside it", async () => {
    const { stdout, stderr } = await cli(["key", "create", "--access", "write"]);

    assertMatch(stdout, /^mcpp_default_[\w-]{43}\n$/);
    assertStringIncludes(stderr, '"access":"write"');
    assertEquals(stderr.includes(stdout.trim()), false);
  });

  it("hashes a key from the command line or standard input, and refuses bad words", async () => {
    const { stdout } = await cli(["key", "hash", "mcpp_a_b"]);
    assertEquals(stdout, `${hashApiKey("mcpp_a_b")}\n`);
    assertEquals((await cli(["key", "hash", "-"], { input: "mcpp_a_b\n" })).stdout, stdout);
    assertEquals((await cli(["key", "hash", "-"])).code, 2);
    assertEquals((await cli(["key", "create", "--id", "No!"])).code, 2);
    assertEquals((await cli(["key", "create", "--expires-at", "soon"])).code, 2);
  });
});

describe("mcpp stdio", () => {
  it("speaks on stdout alone, as the local caller", async () => {
    const { code, stdout, apps } = await cli(["stdio"], { input: '{"jsonrpc":"2.0"} ✓' });

    assertEquals([code, stdout], [0, 'local: {"jsonrpc":"2.0"} ✓']);
    assertEquals(apps[0]?.stopped(), true);
  });
});
