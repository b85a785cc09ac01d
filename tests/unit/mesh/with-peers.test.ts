import { describe, it } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import * as v from "valibot";
import { InputError } from "../../../src/errors.ts";
import { withPeers } from "../../../src/mesh/with-peers.ts";
import { type Caller, localCaller } from "../../../src/registry/caller.ts";
import { defineTool, type Tool } from "../../../src/registry/definition.ts";
import { createRegistry } from "../../../src/registry/registry.ts";

const toolOf = (name: string, peer?: string): Tool => ({
  ...defineTool({ name, description: name, input: v.object({}), run: () => ({}) }),
  ...(peer !== undefined && { peer }),
});

/** A registry where the category of one peer appears when it is reached. */
function setUp() {
  const registry = createRegistry();
  const reached: string[] = [];
  const lookup = withPeers(registry, {
    async reach(target) {
      reached.push(target);
      registry.put({
        name: "peer:studio",
        title: "studio",
        description: "A peer",
        source: "peer",
        runtime: "mesh",
        toolNames: ["add"],
        load: async () => [toolOf("add", "P")],
      });
      return "peer:studio";
    },
    unlisted: (category, name) => (name === "hidden" ? toolOf(name, category) : undefined),
  });
  return { lookup, reached };
}

const aPeer: Caller = {
  id: "peer:P",
  grant: {
    categories: "*",
    access: "destructive",
    abilities: new Set(),
    peer: { isGeneral: true, tools: [], categories: [] },
  },
};

describe("withPeers()", () => {
  it("reaches the peer that a category names, by whatever it is called", async () => {
    const { lookup, reached } = setUp();

    const found = await lookup.resolve("add", localCaller, "peer:12D3KooW");

    assertEquals([found.category, found.tool.peer, reached], ["peer:studio", "P", ["12D3KooW"]]);
  });

  it("lets the peer answer for a tool that it does not list", async () => {
    const { lookup } = setUp();

    assertEquals((await lookup.resolve("hidden", localCaller, "peer:x")).tool.peer, "peer:studio");
    await assertRejects(() => lookup.resolve("nothing", localCaller, "peer:x"), InputError);
  });

  it("reaches nobody for other categories, and for peers", async () => {
    const { lookup, reached } = setUp();

    await assertRejects(() => lookup.resolve("add", localCaller, "files"), InputError);
    await assertRejects(() => lookup.resolve("add", aPeer, "peer:x"), InputError);
    assertEquals(lookup.loaded("add", localCaller), undefined);

    assertEquals(reached, []);
  });
});
