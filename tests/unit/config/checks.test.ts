/** Settings that do not go together. @module */

import { describe, it } from "node:test";
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { isLoopback } from "../../../src/config/checks.ts";
import { type LoadedConfig, loadConfig } from "../../../src/config/load.ts";
import { InputError } from "../../../src/errors.ts";

const load = (text: string): Promise<LoadedConfig> =>
  loadConfig({
    file: { path: "mcpp.yaml", text },
    environment: {},
    flags: [],
    dataHome: "/data",
    workingFolder: "/work",
  });

const refusal = async (text: string): Promise<string> =>
  (await assertRejects(() => load(text), InputError)).message;

const KEY = `keys: [{ id: ci, hash: "sha256:${"0".repeat(64)}" }]`;
const OPEN = "listen: { hostname: 0.0.0.0, allowedHosts: [me.example] }";

describe("checkConfig()", () => {
  it("refuses to listen beyond this machine without auth, and names both ways out", async () => {
    const message = await refusal("listen:\n  hostname: 0.0.0.0\n");

    assertStringIncludes(message, "mcpp.yaml:2:3: listen.hostname");
    assertStringIncludes(message, "mcpp key create");
    assertStringIncludes(message, "--insecure");
  });

  it("listens anywhere with a key, or when told that insecure is meant", async () => {
    assertEquals((await load(`${OPEN}\nauth: { ${KEY} }`)).warnings, []);
    const { warnings } = await load("listen: { hostname: '::', insecure: true }");
    assertStringIncludes(warnings.join("\n"), "anybody who reaches :::8000");
    assertStringIncludes(warnings.join("\n"), "listen.allowedHosts");
  });

  it("refuses anonymous callers beyond this machine even beside keys", async () => {
    const message = await refusal(`${OPEN}\nauth: { anonymous: true, ${KEY} }`);
    assertStringIncludes(message, "auth.anonymous lets callers in");
  });

  it("refuses a feature that this version does not have", async () => {
    const message = await refusal("features: { dashboard: true, upstream: true }");
    assertStringIncludes(message, "features.dashboard is on, but this version has no such feature");
    assertEquals(message.includes("upstream"), false);
  });

  it("wants one source of token keys, over https", async () => {
    const jwt = (rest: string) => `auth: { jwt: { issuer: i, audience: a, ${rest} } }`;

    assertStringIncludes(await refusal(jwt("")), "has neither");
    const both = jwt("jwksUri: 'https://x.example/k', jwks: { keys: [] }");
    assertStringIncludes(await refusal(both), "has both");
    assertStringIncludes(await refusal(jwt("jwksUri: 'http://x.example/k'")), "must be https");
    const { config } = await load(jwt("jwksUri: 'http://127.0.0.1:9/k'"));
    assertEquals(config.auth.jwt?.algorithms, ["RS256", "ES256"]);
    assertEquals(config.auth.anonymous, false);
  });

  it("refuses two keys with one id", async () => {
    const entry = `{ id: ci, hash: "sha256:${"0".repeat(64)}" }`;
    const message = await refusal(`auth: { keys: [${entry}, ${entry}] }`);
    assertStringIncludes(message, 'two keys with the id "ci"');
  });

  it("has a word for settings without effect", async () => {
    const { warnings } = await load(
      "view: hybrid\nfeatures: { upstream: false }\nmcpServers: { a: { command: x } }",
    );
    assertStringIncludes(warnings.join("\n"), "pinned names no category");
    assertStringIncludes(warnings.join("\n"), "mcpServers is ignored");
  });
});

describe("isLoopback()", () => {
  it("knows the addresses that only this machine reaches", () => {
    for (const name of ["localhost", "LOCALHOST", "127.0.0.1", "127.8.9.1", "::1", "[::1]"]) {
      assertEquals(isLoopback(name), true, name);
    }
    for (const name of ["0.0.0.0", "::", "10.0.0.1", "127.0.0.1.evil.example", "example"]) {
      assertEquals(isLoopback(name), false, name);
    }
  });
});
