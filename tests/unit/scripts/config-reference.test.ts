/** The reference of the configuration is the one that the table gives. @module */

import { readFile } from "node:fs/promises";
import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { configReference } from "../../../scripts/config-reference.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { settingKeys } from "../../../src/config/schema.ts";

describe("docs/configuration.md", () => {
  it("is what scripts/config-reference.ts writes", async () => {
    const written = await readFile(new URL("../../../docs/configuration.md", import.meta.url));
    const text = written.toString().replaceAll("\r\n", "\n");
    assertEquals(text, configReference(), "run: node scripts/config-reference.ts");
    for (const key of settingKeys) assert(text.includes(`| \`${key}\``), key);
  });

  it("shows a file that loads", async () => {
    const [, example = ""] = /```yaml\n([\s\S]*?)```/.exec(configReference()) ?? [];
    const { config, warnings } = await loadConfig({
      file: { path: "/etc/mcpp.yaml", text: example },
      environment: { HOME: "/home/ada" },
      flags: [],
      dataHome: "/data",
      workingFolder: "/",
    });

    assertEquals(Object.keys(config.mcpServers), ["github", "search"]);
    assertEquals(config.roots, ["/home/ada/notes"]);
    assertEquals(warnings, []);
  });
});
