import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import * as v from "valibot";
import { withoutCopies } from "../../../src/registry/copies.ts";
import { defineTool, type Tool } from "../../../src/registry/definition.ts";
import type { RegisteredTool } from "../../../src/registry/registry.ts";

const tool = (name: string): Tool =>
  defineTool({ name, description: `Does ${name}`, input: v.object({}), run: () => name });

const own = (name: string): RegisteredTool => ({ name, category: "own", tool: tool(name) });

const at = (peer: string, name: string): RegisteredTool => ({
  name: `${peer}_${name}`,
  category: `peer:${peer}`,
  tool: { ...tool(name), peer },
});

describe("withoutCopies()", () => {
  it("keeps this server's tool, and one of those that only peers have", () => {
    const tools = [
      at("studio", "cache_get"),
      own("cache_get"),
      at("studio", "render"),
      at("gpu", "render"),
    ];

    const kept = withoutCopies(tools).map(({ name }) => name);

    assertEquals(kept, ["cache_get", "studio_render"]);
  });
});
