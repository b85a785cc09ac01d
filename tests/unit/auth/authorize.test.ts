import { describe, it } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import * as v from "valibot";
import { authorize } from "../../../src/auth/authorize.ts";
import { AuthError, InputError } from "../../../src/errors.ts";
import { anonymousCaller, type Caller, localCaller } from "../../../src/registry/caller.ts";
import { defineTool } from "../../../src/registry/definition.ts";
import type { RegisteredTool } from "../../../src/registry/registry.ts";

function registered(ability?: string): RegisteredTool {
  const tool = defineTool({
    name: "wipe",
    description: "Remove everything",
    input: v.object({}),
    ...(ability && { routing: { ability } }),
    run: () => "gone",
  });
  return { name: "wipe", category: "cache", tool };
}

describe("authorize()", () => {
  it("lets a caller call what it sees", () => {
    authorize(anonymousCaller, registered());
    authorize(localCaller, registered("admin"));
  });

  it("does not tell a caller of a tool beyond its grant", () => {
    const reader: Caller = { ...localCaller, grant: { ...localCaller.grant, access: "write" } };
    const elsewhere: Caller = {
      ...localCaller,
      grant: { ...localCaller.grant, categories: new Set(["dataset"]) },
    };
    for (const caller of [reader, elsewhere]) {
      const error = assertThrows(() => authorize(caller, registered("admin")), InputError);
      assertEquals(error.code, "unknown_tool");
      assertEquals(error.message.includes("admin"), false);
    }
  });

  it("names the ability that is missing, and how to get it", () => {
    const error = assertThrows(
      () => authorize(anonymousCaller, registered("admin")),
      AuthError,
      '"wipe" needs the ability "admin", which "anonymous" does not have',
    );

    assertEquals(error.code, "capability_missing");
    assertEquals(error.data, { tool: "wipe", ability: "admin", scopes: ["mcp:admin"] });
  });
});
