/** What a reload changes. @module */

import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { diffConfig } from "../../../src/config/diff.ts";
import { loadConfig } from "../../../src/config/load.ts";

const load = async (text: string) =>
  (
    await loadConfig({
      file: { path: "mcpp.yaml", text },
      environment: {},
      flags: [],
      dataHome: "/data",
      workingFolder: "/work",
    })
  ).config;

describe("diffConfig()", () => {
  it("names what changed and what of it needs a restart", async () => {
    const before = await load("view: meta");
    const after = await load(
      "view: flat\nlisten: { port: 9000 }\nmcpServers: { a: { command: x } }",
    );

    assertEquals(diffConfig(before, after), {
      changed: ["view", "listen.port", "mcpServers"],
      needsRestart: ["listen.port"],
    });
  });

  it("sees no change where only the order of keys differs", async () => {
    const before = await load("mcpServers: { a: { command: x, args: [1s] }, b: { command: y } }");
    const after = await load("mcpServers: { b: { command: y }, a: { args: [1s], command: x } }");

    assertEquals(diffConfig(before, after).changed, []);
  });

  it("sees a change of the order of a list", async () => {
    const before = await load("pinned: [a, b]");
    assertEquals(diffConfig(before, await load("pinned: [b, a]")).changed, ["pinned"]);
  });
});
