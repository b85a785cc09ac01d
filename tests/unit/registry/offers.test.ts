import { describe, it } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { InputError } from "../../../src/errors.ts";
import { type Caller, localCaller } from "../../../src/registry/caller.ts";
import type { Offer, OfferContext } from "../../../src/registry/offer.ts";
import { createOffers, type Offers } from "../../../src/registry/offers.ts";
import { createRegistry } from "../../../src/registry/registry.ts";
import { callerOf } from "../../support/callers.ts";
import { categoryOf } from "../../support/fixtures.ts";

interface Scene {
  readonly offers: Offers;
  readonly failed: string[];
}

function sceneOf(sources: Readonly<Record<string, Offer>>): Scene {
  const registry = createRegistry();
  const failed: string[] = [];
  for (const [name, offer] of Object.entries(sources)) {
    registry.put(categoryOf(name, [], { offer }));
  }
  const sourceFailed = (category: string): void => void failed.push(category);
  return { offers: createOffers({ registry, sourceFailed }), failed };
}

const contextOf = (caller: Caller = localCaller): OfferContext => ({
  caller,
  client: {},
  signal: new AbortController().signal,
  inputResponses: undefined,
  requestState: undefined,
  progress: () => {},
  log: () => {},
});

const notes: Offer = {
  listResources: async () => [{ uri: "note://a", name: "from notes" }],
  readResource: async (uri) => (uri === "note://a" ? { contents: ["notes"] } : undefined),
  listPrompts: async () => [{ name: "greet" }, { name: "ask" }],
  getPrompt: async (name, args) => ({ from: "notes", name, args }),
};
const wiki: Offer = {
  listResources: async () => [
    { uri: "note://a", name: "from wiki" },
    { uri: "wiki://b", name: "b" },
  ],
  readResource: async (uri) => (uri === "wiki://b" ? { contents: ["wiki"] } : undefined),
  listResourceTemplates: async () => [{ uriTemplate: "wiki://{page}", name: "page" }],
  listPrompts: async () => [{ name: "greet" }],
  getPrompt: async (name) => ({ from: "wiki", name }),
  complete: async () => ({ completion: { values: ["x"] } }),
};
const broken: Offer = {
  listResources: () => Promise.reject(new Error("down")),
  readResource: () => Promise.reject(new Error("down")),
  listPrompts: () => Promise.reject(new Error("down")),
};

describe("createOffers()", () => {
  it("lists the resources of all sources, each address once", async () => {
    const { offers } = sceneOf({ notes, wiki });

    assertEquals(await offers.listResources(contextOf()), [
      { uri: "note://a", name: "from notes" },
      { uri: "wiki://b", name: "b" },
    ]);
    assertEquals((await offers.listResourceTemplates(contextOf())).length, 1);
  });

  it("leaves out and reports a source that fails", async () => {
    const { offers, failed } = sceneOf({ broken, notes });

    assertEquals((await offers.listResources(contextOf())).length, 1);
    assertEquals((await offers.listPrompts(contextOf())).length, 2);
    assertEquals(failed, ["broken", "broken"]);
  });

  it("reads from whoever has it, and fails only where nobody does", async () => {
    const { offers } = sceneOf({ broken, notes, wiki });

    assertEquals(await offers.readResource("wiki://b", contextOf()), { contents: ["wiki"] });
    await assertRejects(() => offers.readResource("wiki://z", contextOf()), Error, "down");
    const alone = sceneOf({ notes }).offers;
    const error = await assertRejects(
      () => alone.readResource("wiki://z", contextOf()),
      InputError,
      "wiki://z",
    );
    assertEquals([error.code, error.data.uri], ["unknown_resource", "wiki://z"]);
  });

  it("shows nothing of sources that the caller does not see", async () => {
    const { offers } = sceneOf({ notes, wiki });
    const context = contextOf(callerOf(["notes"]));

    assertEquals(
      (await offers.listResources(context)).map(({ uri }) => uri),
      ["note://a"],
    );
    assertEquals(
      (await offers.listPrompts(context)).map(({ name }) => name),
      ["greet", "ask"],
    );
    await assertRejects(() => offers.readResource("wiki://b", context), InputError);
    await assertRejects(() => offers.getPrompt("wiki_greet", {}, context), InputError);
    assertEquals(await offers.complete({}, context), {
      completion: { values: [], total: 0, hasMore: false },
    });
  });

  it("qualifies prompts of one name and asks their source by its own name", async () => {
    const { offers } = sceneOf({ notes, wiki });

    assertEquals(
      (await offers.listPrompts(contextOf())).map(({ name }) => name),
      ["notes_greet", "ask", "wiki_greet"],
    );
    assertEquals(await offers.getPrompt("wiki_greet", {}, contextOf()), {
      from: "wiki",
      name: "greet",
    });
    assertEquals(await offers.getPrompt("ask", { who: "Ada" }, contextOf()), {
      from: "notes",
      name: "ask",
      args: { who: "Ada" },
    });
    const error = await assertRejects(() => offers.getPrompt("asc", {}, contextOf()), InputError);
    assertEquals([error.code, error.data.nearest], ["unknown_prompt", ["ask"]]);
  });

  it("asks a source to watch a resource while anybody listens", async () => {
    const asked: string[] = [];
    const { offers } = sceneOf({
      notes: {
        subscribe: async (uri) => void asked.push(`+${uri}`),
        unsubscribe: async (uri) => void asked.push(`-${uri}`),
      },
    });

    await offers.subscribe("note://a", localCaller);
    await offers.subscribe("note://a", localCaller);
    await offers.unsubscribe("note://a", localCaller);
    assertEquals(asked, ["+note://a"]);
    await offers.unsubscribe("note://a", localCaller);
    assertEquals(asked, ["+note://a", "-note://a"]);
    await offers.unsubscribe("note://a", localCaller);
    assertEquals(asked.length, 2);
  });
});
