import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import type { RuntimeName, Tool } from "../../../src/registry/definition.ts";
import { runtimeOf } from "../../../src/registry/runtime-of.ts";

describe("runtimeOf()", () => {
  it("follows the tool's own word, then its needs, then its name", () => {
    const preferred = (name: string, routing: Tool["routing"] = {}): RuntimeName =>
      runtimeOf({ name, routing });

    assertEquals(preferred("p2p_peer_list", { runtime: "local" }), "local");
    assertEquals(preferred("add", { runtime: "mesh" }), "mesh");
    assertEquals(preferred("add", { requiresMesh: true }), "mesh");
    assertEquals(preferred("p2p_anything"), "mesh");
    assertEquals(preferred("submit_workflow"), "mesh");
    assertEquals(preferred("discover_peers"), "mesh");
    assertEquals(preferred("add"), "local");
  });
});
