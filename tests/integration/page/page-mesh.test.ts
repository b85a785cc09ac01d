/** Pages in memory: what a page does that is not its browser's, on every host. */

import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as v from "valibot";
import { systemClock } from "../../../src/concurrency/clock.ts";
import { AuthError, InputError, UnavailableError } from "../../../src/errors.ts";
import type { PageMesh } from "../../../src/page/page.ts";
import { createPageMesh, type PageMeshNeeds } from "../../../src/page/page-mesh.ts";
import { defineTool, type Tool } from "../../../src/registry/definition.ts";
import { createMemoryStore } from "../../../src/storage/memory-store.ts";
import { eventually } from "../../support/eventually.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import { anyIdentity, type Cleanup, memoryTransport } from "../../support/mesh-nodes.ts";

const readOnly = { readOnlyHint: true } as const;

const double: Tool = defineTool({
  name: "double",
  description: "Twice a number",
  input: v.object({ n: v.number() }),
  output: v.object({ twice: v.number() }),
  annotations: readOnly,
  run: ({ n }, { progress }) => {
    progress(1, 2, "half");
    return { twice: n * 2 };
  },
});

const erase: Tool = defineTool({
  name: "erase",
  description: "Does more than read",
  input: v.object({}),
  run: () => ({ erased: true }),
});

interface Page {
  readonly mesh: PageMesh;
  readonly troubles: readonly string[];
  /** What the browser calls when its tab is looked at again. */
  wake(): void;
}

/** A page that is in the mesh until the test is over. */
async function openPage(
  t: Cleanup,
  name: string,
  options: Partial<PageMeshNeeds> = {},
): Promise<Page> {
  const troubles: string[] = [];
  const wakers = new Set<() => void>();
  const mesh = await createPageMesh({
    name,
    identity: await anyIdentity(),
    transports: [memoryTransport(`${name}-${crypto.randomUUID()}`)],
    bootstrap: [],
    allow: [],
    store: createMemoryStore(),
    clock: systemClock,
    random: () => 0.5,
    onWake(woken) {
      wakers.add(woken);
      return () => void wakers.delete(woken);
    },
    onLeave: () => () => {},
    trouble: (what, error) => troubles.push(`${what}: ${String(error)}`),
    ...options,
  });
  t.after(() => mesh.stop());
  return {
    mesh,
    troubles,
    wake() {
      for (const wake of wakers) wake();
    },
  };
}

const addressOf = ({ mesh }: Page): string => mesh.addresses()[0] ?? "";

/** Two pages, the second of which joined by the first. */
async function openTwo(
  t: Cleanup,
  options: Partial<PageMeshNeeds> = {},
): Promise<readonly [Page, Page]> {
  const first = await openPage(t, "first", options);
  return [first, await openPage(t, "second", { bootstrap: [addressOf(first)] })];
}

const knows = async ({ mesh }: Page, tool: string): Promise<boolean> =>
  (await mesh.tools()).some(({ name, peer }) => name === tool && peer !== undefined);

describe("pages in a mesh", () => {
  it("are connected when they have joined, and know each other's names", async (t) => {
    const [first, second] = await openTwo(t);

    assertEquals(second.mesh.connections()[0]?.peer, first.mesh.peer);
    await eventually("records were exchanged", () =>
      [first, second].every(({ mesh }) => mesh.peers().some(({ host }) => host === "web")),
    );
    await eventually("tools were read", () => first.mesh.peers()[0]?.tools === 0);
    const [known] = first.mesh.peers();
    assertEquals([known?.name, known?.isConnected], ["second", true]);
    assertEquals([first.troubles, second.troubles], [[], []]);
  });

  it("see each other's tools come and go, without asking", async (t) => {
    const [first, second] = await openTwo(t);
    let changes = 0;
    const off = second.mesh.onChange(() => {
      changes += 1;
    });

    first.mesh.offer(double);
    await eventually("the tool came", () => knows(second, "double"));
    assert(changes > 0);
    const { structuredContent } = await second.mesh.call("double", { n: 4 });
    assertEquals(structuredContent, { twice: 8 });

    assertEquals(first.mesh.withdraw("double"), true);
    assertEquals(first.mesh.withdraw("double"), false);
    await eventually("the tool went", async () => !(await knows(second, "double")));
    off();
    await assertRejects(() => second.mesh.call("double", { n: 4 }), InputError, "double");
  });

  it("call one of them by name, id and address, and their own tools too", async (t) => {
    const [first, second] = await openTwo(t);
    for (const page of [first, second]) page.mesh.offer(double);

    for (const peer of ["first", first.mesh.peer, addressOf(first)]) {
      const { structuredContent } = await second.mesh.call("double", { n: 1 }, { peer });
      assertEquals(structuredContent, { twice: 2 });
    }
    const seen: unknown[] = [];
    const onProgress = (...told: unknown[]): void => void seen.push(told);
    await second.mesh.call("double", { n: 1 }, { onProgress });
    assertEquals(seen, [[1, 2, "half"]]);
    await assertRejects(
      () => second.mesh.call("double", { n: 1 }, { peer: "third" }),
      InputError,
      "connected are first",
    );
  });

  it("open what only reads to everybody, and the rest by their rules", async (t) => {
    const [first, second] = await openTwo(t);
    first.mesh.offer(erase);
    const peer = first.mesh.peer;
    await assertRejects(() => second.mesh.call("erase", {}, { peer }), AuthError, second.mesh.peer);

    const allow = [{ peer: "*", tools: ["era*"], categories: [], abilities: [] }];
    const [open, guest] = await openTwo(t, { allow });
    open.mesh.offer(erase);

    const { structuredContent } = await guest.mesh.call("erase", {}, { peer: open.mesh.peer });
    assertEquals(structuredContent, { erased: true });
  });

  it("refuse tools that ask, that have a name twice, or that of a meta-tool", async (t) => {
    const { mesh } = await openPage(t, "alone");
    mesh.offer(double);

    assertThrows(() => mesh.offer(double), InputError, "two tools");
    assertThrows(() => mesh.offer({ ...double, name: "dispatch" }), InputError, "meta-tool");
    assertThrows(() => mesh.offer({ ...erase, isInteractive: true }), InputError, "may ask");

    assertEquals(
      (await mesh.tools()).map(({ name }) => name),
      ["double"],
    );
  });

  it("tell a tool that wants what servers have that it is in a page", async (t) => {
    const { mesh } = await openPage(t, "alone");
    mesh.offer({ ...double, name: "cached", run: (_, { cache }) => cache.get("x") as never });

    await assertRejects(() => mesh.call("cached", { n: 1 }), UnavailableError, '"cache"');
  });

  it("leave: their tools are gone, and they call nothing more", async (t) => {
    const [first, second] = await openTwo(t);
    first.mesh.offer(double);
    await eventually("the tool came", () => knows(second, "double"));

    await first.mesh.stop();
    await first.mesh.stop();

    await eventually("the tool went", async () => !(await knows(second, "double")));
    assertEquals(first.mesh.connections(), []);
    await assertRejects(() => first.mesh.call("double", { n: 1 }), UnavailableError, "has left");
  });

  it("refuse to begin with an address that is none", async (t) => {
    await assertRejects(
      () => openPage(t, "lost", { bootstrap: ["http://x"] }),
      InputError,
      '"http://x" cannot be dialled',
    );
  });

  it("look for others at once when they wake, whatever the clock says", async (t) => {
    const name = `late-${crypto.randomUUID()}`;
    const identity = await anyIdentity();
    const bootstrap = [`/memory/${name}/p2p/${identity.peer}`];
    // A clock that stands still is a tab in the background.
    const sleeper = await openPage(t, "sleeper", { bootstrap, clock: createFakeClock() });
    assertEquals(sleeper.mesh.connections(), []);
    await openPage(t, "late", { identity, transports: [memoryTransport(name)] });

    sleeper.wake();

    await eventually("it is connected", () => sleeper.mesh.connections().length > 0);
  });
});
