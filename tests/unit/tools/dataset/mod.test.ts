import { describe, it } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { InputError } from "../../../../src/errors.ts";
import { tools } from "../../../../tools/dataset/mod.ts";

describe("the category dataset", () => {
  it("has tools whose examples they accept, with short descriptions and an output schema", () => {
    for (const tool of tools) {
      assert(tool.name.startsWith("dataset_"));
      assert(tool.summary.length <= 100, `${tool.name}: ${tool.summary.length} characters`);
      assert(tool.outputSchema !== undefined && tool.inputSchema.type === "object");
      tool.parse(tool.example);
      assertThrows(() => tool.parse({ ...tool.example, sorce: 1 }), InputError, "sorce");
    }
    assertEquals(new Set(tools.map(({ name }) => name)).size, 8);
  });
});
