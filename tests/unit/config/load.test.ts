/** Where values come from, and what a wrong one is told. @module */

import { describe, it } from "node:test";
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { type ConfigSources, type LoadedConfig, loadConfig } from "../../../src/config/load.ts";
import { InputError } from "../../../src/errors.ts";

const sources = (given: Partial<ConfigSources> & { yaml?: string } = {}): ConfigSources => ({
  environment: { HOME: "/home/ada" },
  flags: [],
  dataHome: "/home/ada/.local/share",
  workingFolder: "/work",
  ...(given.yaml !== undefined && { file: { path: "/etc/mcpp.yaml", text: given.yaml } }),
  ...given,
});

const load = (given?: Parameters<typeof sources>[0]): Promise<LoadedConfig> =>
  loadConfig(sources(given));

const originOf = ({ origins }: LoadedConfig, key: string): string | undefined =>
  origins.find((origin) => origin.key === key)?.origin;

async function refusal(given: Parameters<typeof sources>[0]): Promise<InputError> {
  const error = await assertRejects(() => load(given), InputError);
  assertEquals(error.code, "invalid_config");
  return error;
}

describe("loadConfig()", () => {
  it("gives every setting its default when nothing is said", async () => {
    const { config, warnings, origins } = await load();

    assertEquals(config.listen.hostname, "127.0.0.1");
    assertEquals(config.listen.port, 8000);
    assertEquals(config.view, "meta");
    assertEquals(config.dataDir, "/home/ada/.local/share/mcplusplus");
    assertEquals(config.auth, { keys: [], jwt: undefined, anonymous: true });
    assertEquals(config.features.mesh, true);
    assertEquals(config.cache.defaultTtlMs, undefined);
    assertEquals(warnings, []);
    assertEquals(new Set(origins.map(({ origin }) => origin)), new Set(["default"]));
  });

  it("lets flags win over the environment, and the environment over the file", async () => {
    const yaml = "listen:\n  port: 1000\n  maxBodyBytes: 2048\n  allowedHosts: [a.example]\n";
    const environment = { MCPP_PORT: "2000", MCPP_LISTEN_MAX_BODY_BYTES: "4096" };
    const flags = [{ key: "listen.port", text: "3000", flag: "--port" }];

    const loaded = await load({ yaml, environment, flags });

    assertEquals(loaded.config.listen.port, 3000);
    assertEquals(loaded.config.listen.maxBodyBytes, 4096);
    assertEquals(loaded.config.listen.allowedHosts, ["a.example"]);
    assertEquals(originOf(loaded, "listen.port"), "flag --port");
    assertEquals(originOf(loaded, "listen.maxBodyBytes"), "environment MCPP_LISTEN_MAX_BODY_BYTES");
    assertEquals(originOf(loaded, "listen.allowedHosts"), "file /etc/mcpp.yaml:4");
    assertEquals(originOf(loaded, "listen.hostname"), "default");
  });

  it("lets a program win over the environment, and refuses what it gives by the same rules", async () => {
    const environment = { MCPP_PORT: "2000" };

    const loaded = await load({ environment, given: { listen: { port: 0 }, roots: ["data"] } });
    const wrong = await refusal({ given: { listen: { prot: 1 }, view: "all" } });

    assertEquals(loaded.config.listen.port, 0);
    assertEquals(originOf(loaded, "listen.port"), "program");
    assertEquals(loaded.config.roots, ["/work/data"]);
    assertStringIncludes(wrong.message, "config.listen.prot");
    assertStringIncludes(wrong.message, "port");
    assertStringIncludes(wrong.message, "config.view");
  });

  it("reads lists from the environment with commas or as JSON, and from repeated flags", async () => {
    const environment = {
      MCPP_PINNED: "cache, dataset",
      MCPP_LISTEN_ALLOWED_HOSTS: '["a.example"]',
    };
    const flags = [{ key: "roots", text: ["docs", "/srv"], flag: "--root" }];

    const { config } = await load({ environment, flags });

    assertEquals(config.pinned, ["cache", "dataset"]);
    assertEquals(config.listen.allowedHosts, ["a.example"]);
    assertEquals(config.roots, ["/work/docs", "/srv"]);
  });

  it("keeps a text that looks like a number where a text is wanted", async () => {
    const { config } = await load({ environment: { MCPP_NAME: "42" } });
    assertEquals(config.name, "42");
  });

  it("starts relative paths of a file at the file, and expands the home folder", async () => {
    const { config } = await load({ yaml: "dataDir: ./state/../data\nroots: [~/notes, sub]\n" });

    assertEquals(config.dataDir, "/etc/data");
    assertEquals(config.roots, ["/home/ada/notes", "/etc/sub"]);
  });

  it("accepts JSON with tabs, an empty file, and keys without a value", async () => {
    const json = await load({ yaml: '{\n\t"listen": {\n\t\t"port": 1\n\t}\n}' });
    assertEquals(json.config.listen.port, 1);
    assertEquals((await load({ yaml: "# nothing yet\n" })).config.listen.port, 8000);
    assertEquals((await load({ yaml: "mcpServers:\nlisten:\n" })).config.mcpServers, {});
  });

  it("takes VS Code's servers for mcpServers", async () => {
    const loaded = await load({ yaml: "servers:\n  files: { command: npx, args: [fs] }\n" });

    assertEquals(Object.keys(loaded.config.mcpServers), ["files"]);
    assertEquals(originOf(loaded, "mcpServers"), "file /etc/mcpp.yaml:1");
  });

  it("closes the door to anonymous callers once a key exists", async () => {
    const key = `{ id: ci, hash: "sha256:${"0".repeat(64)}" }`;
    const { config } = await load({ yaml: `auth: { keys: [${key}] }` });

    assertEquals(config.auth.anonymous, false);
    assertEquals(config.auth.keys[0]?.access, "read");
    assertEquals(config.auth.keys[0]?.categories, "*");
  });

  it("never shows a secret in an origin", async () => {
    const loaded = await load({
      yaml: `mcpServers:
  web: { url: "https://x.example/?token=hunter2", headers: { Authorization: hunter2 } }
  sub: { command: run, args: [--token, hunter2], env: { TOKEN: hunter2 } }
auth: { keys: [{ id: ci, hash: "sha256:${"ab".repeat(32)}" }] }`,
    });
    const told = JSON.stringify(loaded.origins);

    assertEquals(told.includes("hunter2"), false);
    assertEquals(told.includes("abab"), false);
    assertStringIncludes(told, '"command":"run"');
  });
});

describe("loadConfig(), given something wrong", () => {
  it("names the line, the column and the nearest key of an unknown one", async () => {
    const error = await refusal({ yaml: "view: meta\nlisten:\n  prot: 1\n" });

    assertStringIncludes(error.message, "/etc/mcpp.yaml:3:3: there is no setting listen.prot");
    assertStringIncludes(error.message, "did you mean port?");
    assertEquals(error.data.nearest, ["port"]);
  });

  it("names unknown keys at every depth", async () => {
    const yaml = `lisen: 1
auth:
  keys:
    - { id: ci, hsah: x }
mcpServers:
  files:
    command: npx
    agrs: []
`;
    const { message } = await refusal({ yaml });

    assertStringIncludes(message, "mcpp.yaml:1:1: there is no setting lisen; did you mean listen?");
    assertStringIncludes(message, "mcpp.yaml:4:17: there is no setting auth.keys[0].hsah");
    assertStringIncludes(message, "did you mean hash?");
    assertStringIncludes(message, "auth.keys[0].hash is missing");
    assertStringIncludes(message, ":8:5: there is no setting mcpServers.files.agrs");
    assertStringIncludes(message, "did you mean args");
  });

  it("says what was expected, what came, and where", async () => {
    const { message } = await refusal({ yaml: "listen:\n  port: 70000\nview: metta\n" });

    assertStringIncludes(message, "2 faults");
    assertStringIncludes(message, ":2:3: listen.port must be at most 65535, got 70000");
    assertStringIncludes(message, ':3:1: view must be ("meta" | "flat" | "hybrid"), got "metta"');
    assertStringIncludes(message, "did you mean meta?");
  });

  it("names the flag or the variable that carries a wrong value", async () => {
    const flags = [
      { key: "listen.port", text: "many", flag: "--port" },
      { key: "lisen.port", text: "1", flag: "--set lisen.port" },
    ];
    const { message } = await refusal({ flags, environment: { MCPP_LOG_AUDIT: "perhaps" } });

    assertStringIncludes(message, 'flag --port: listen.port must be number, got "many"');
    assertStringIncludes(message, "there is no setting lisen.port; did you mean listen.port");
    assertStringIncludes(message, "environment MCPP_LOG_AUDIT: log.audit must be boolean");
  });

  it("points at the line of a fault of syntax", async () => {
    const { message } = await refusal({ yaml: "view: meta\nlisten: {\n  port: 1\n" });
    assertStringIncludes(message, "/etc/mcpp.yaml:4:");
    assertStringIncludes((await refusal({ yaml: "a: 1\na: 2" })).message, "mcpp.yaml:2:1");
  });

  it("refuses a part that should hold settings and does not", async () => {
    const { message } = await refusal({ yaml: "listen: 8000" });
    assertStringIncludes(message, "listen must hold settings by name: hostname, port");
    assertStringIncludes((await refusal({ yaml: "- 1" })).message, "must hold settings by name");
  });

  it("does not repeat a secret in an error", async () => {
    const yaml = "mcpServers: { a: { command: x, env: { TOKEN: [hunter2] } } }";
    const { message, data } = await refusal({ yaml });

    assertStringIncludes(message, "mcpServers.a.env.TOKEN must be string");
    assertEquals(`${message}${JSON.stringify(data)}`.includes("hunter2"), false);
  });

  it("warns of a variable that looks like a setting and is none", async () => {
    const { warnings } = await load({
      environment: { MCPP_PROT: "1", MCPP_CONFIG: "x", PATH: "" },
    });
    assertEquals(warnings, [
      "the environment variable MCPP_PROT sets nothing; did you mean MCPP_PORT?",
    ]);
  });
});
