import { describe, it } from "node:test";
import { assert, assertEquals, assertExists } from "@std/assert";
import type { Offer } from "../../src/registry/offer.ts";
import { contextOf, type Mounted, mount, program } from "../support/upstreams/mounted.ts";

const legacy = program("legacy-stdio");
const context = contextOf();

function offerOf({ registry }: Mounted, category: string): Required<Offer> {
  const offer = registry.category(category)?.offer;
  assertExists(offer);
  return offer as Required<Offer>;
}

describe("the offer of a mounted server", () => {
  it("lists and reads resources, also those of templates", async (t) => {
    const offer = offerOf(await mount(t, { notes: legacy }), "notes");

    const [note] = await offer.listResources(context);
    const [template] = await offer.listResourceTemplates(context);
    const first = await offer.readResource("note://one", context);
    const other = await offer.readResource("note://by-id/7", context);

    assertEquals(note?.uri, "note://one");
    assertEquals(template?.uriTemplate, "note://by-id/{id}");
    assertEquals(first, { contents: [{ uri: "note://one", text: "first note" }] });
    assertEquals(other, { contents: [{ uri: "note://by-id/7", text: "note 7" }] });
    assertEquals(await offer.readResource("file:///etc/passwd", context), undefined);
  });

  it("lists and fills prompts", async (t) => {
    const offer = offerOf(await mount(t, { notes: legacy }), "notes");

    const [prompt] = await offer.listPrompts(context);
    const filled = await offer.getPrompt("review", { what: "this" }, context);

    assertEquals(prompt?.name, "review");
    assertEquals(filled, {
      messages: [{ role: "user", content: { type: "text", text: "Review this" } }],
    });
    assertEquals(await offer.getPrompt("unknown", {}, context), undefined);
  });

  it("says when a resource changed", async (t) => {
    const mounted = await mount(t, { notes: legacy });
    const offer = offerOf(mounted, "notes");
    const { promise, resolve } = Promise.withResolvers<string>();
    mounted.upstreams.onResourceUpdated(resolve);

    await offer.subscribe("note://one");
    await mounted.call("touch");

    assertEquals(await promise, "note://one");
    await offer.unsubscribe("note://one");
    assertEquals(mounted.troubles, []);
  });

  it("is remembered, so that lists never wait for a server that is not running", async (t) => {
    const first = await mount(t, { notes: legacy });
    await first.upstreams.close();

    const second = await mount(t, { notes: legacy }, { store: first.store });
    const offer = offerOf(second, "notes");

    assertEquals((await offer.listResources(context)).length, 1);
    assertEquals((await offer.listPrompts(context)).length, 1);
    assert((await second.names()).includes("add"));
    assertEquals(second.status("notes").state, "idle");
    assertEquals((await second.call("add", { a: 1, b: 2 })).structuredContent, { sum: 3 });
    assertEquals(second.status("notes").state, "ready");
  });
});
