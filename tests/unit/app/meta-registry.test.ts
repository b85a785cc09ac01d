import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { META_CATEGORY, withMetaTools } from "../../../src/app/meta-registry.ts";
import { InputError } from "../../../src/errors.ts";
import { localCaller } from "../../../src/registry/caller.ts";
import { createRegistry } from "../../../src/registry/registry.ts";
import { targetOf } from "../../support/calls.ts";
import { categoryOf } from "../../support/fixtures.ts";

const { tool: listTools } = targetOf(undefined, { name: "list_tools" });
const { tool: probe } = targetOf();

function lookup(): ReturnType<typeof withMetaTools> {
  const registry = createRegistry();
  registry.put(categoryOf("demo", [probe]));
  return withMetaTools(registry, new Map([["list_tools", listTools]]));
}

describe("withMetaTools()", () => {
  it("finds the meta-tools at once, also by the names of the ancestor", async () => {
    const { loaded, resolve } = lookup();

    for (const name of ["list_tools", "tools_list_tools"]) {
      assertEquals(loaded(name, localCaller)?.tool, listTools);
      assertEquals((await resolve(name, localCaller)).category, META_CATEGORY);
    }
    assertEquals(loaded("list_tools", localCaller)?.name, "list_tools");
  });

  it("leaves everything else to the registry", async () => {
    const { loaded, resolve } = lookup();

    assertEquals(loaded("probe", localCaller), undefined);
    assertEquals((await resolve("probe", localCaller)).tool, probe);
    assert(loaded("probe", localCaller)?.tool === probe);
    await assertRejects(() => resolve("list_tools", localCaller, "demo"), InputError);
    await assertRejects(() => resolve("probe", localCaller, META_CATEGORY), InputError);
  });
});
