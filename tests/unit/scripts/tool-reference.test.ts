/** docs/tools.md says what the tools say. */

import { readFile } from "node:fs/promises";
import { describe, it } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { toolReference } from "../../../scripts/tool-reference.ts";
import { catalog } from "../../../tools/mod.ts";

describe("toolReference()", () => {
  it("is what docs/tools.md holds; node scripts/tool-reference.ts writes it", async () => {
    const file = new URL("../../../docs/tools.md", import.meta.url);

    assertEquals(await readFile(file, "utf8"), await toolReference());
  });

  it("has every tool of the catalog, with a call of it", async () => {
    const text = await toolReference();

    for (const name of catalog.flatMap(({ toolNames }) => toolNames)) {
      assertStringIncludes(text, `### \`${name}\``);
      assertStringIncludes(text, `{"tool":"${name}","params":`);
    }
  });

  it("keeps every row of a table in its three columns", async () => {
    const rows = (await toolReference()).split("\n").filter((line) => line.startsWith("| `"));

    const bars = rows.map((row) => row.replaceAll("\\|", "").split("|").length - 1);

    assertEquals(new Set(bars), new Set([3, 4]));
  });
});
