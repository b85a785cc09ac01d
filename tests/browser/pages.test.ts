/** Two pages of a real Chromium, brought together by a server that then goes away. */

import { after, before, describe, it } from "node:test";
import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import type { Page } from "playwright-core";
import type { PeerConnection } from "../../src/mesh/mesh-node.ts";
import type { CallResult } from "../../src/registry/result.ts";
import {
  type Browser,
  inTab,
  type MeshServer,
  startBrowser,
  startServer,
  type Told,
} from "../support/browser.ts";
import { pagesSkipped } from "../support/chromium.ts";
import { eventually } from "../support/eventually.ts";

/** On a busy machine a dial may be given up on one side only: pings find that out after 10 to 20 s. */
const PATIENCE_MS = 60_000;

const connectionTo = async (tab: Page, peer: string): Promise<PeerConnection | undefined> => {
  const connections = await inTab<PeerConnection[]>(tab, "connections");
  return connections.find((connection) => connection.peer === peer);
};

for (const host of ["node", "bun", "deno"] as const) {
  describe(`two pages that a server on ${host} introduces`, {
    skip: pagesSkipped,
    timeout: 120_000,
  }, () => {
    let browser: Browser;
    let relay: MeshServer;
    let first: Page;
    let second: Page;
    let firstPeer: string;
    let secondPeer: string;

    before(async () => {
      [browser, relay] = await Promise.all([startBrowser(), startServer(host)]);
      first = await browser.openTab();
      second = await browser.openTab();
      const bootstrap = [relay.address("ws")];
      firstPeer = (await inTab<Told<string>>(first, "join", { bootstrap, name: "first" })).value;
      secondPeer = (await inTab<Told<string>>(second, "join", { bootstrap, name: "second" })).value;
    });
    after(async () => {
      await browser?.close();
      await relay?.kill();
    });

    it("of one origin are two peers", () => {
      assertMatch(firstPeer, /^12D3KooW/);
      assertNotEquals(firstPeer, secondPeer);
    });

    it("tell where they are reached: over the server that gave them a slot", async () => {
      for (const [tab, peer] of [
        [first, firstPeer],
        [second, secondPeer],
      ] as const) {
        await eventually("an address over the relay", async () =>
          (await inTab<string[]>(tab, "addresses")).some((address) =>
            address.endsWith(`/p2p/${relay.peer}/p2p-circuit/webrtc/p2p/${peer}`),
          ),
        );
      }
    });

    it("find each other, and talk directly", async () => {
      await eventually("a direct connection", async () => {
        const connection = await connectionTo(second, firstPeer);
        return connection?.transport === "webrtc" && !connection.isRelayed;
      });
    });

    it("call each other's tools", async () => {
      await inTab(first, "offer", "greet");
      await eventually(
        "the tool of the other page",
        async () =>
          (await inTab<{ name: string; peer: string }[]>(second, "tools")).some(
            ({ name, peer }) => name === "greet" && peer === firstPeer,
          ),
        PATIENCE_MS,
      );

      const { value } = await inTab<Told<CallResult>>(second, "call", "greet", { name: "Ada" });

      assertEquals(value.structuredContent, { greeting: "Hello Ada, from tab" });
    });

    it("go on when the server that introduced them is gone", async () => {
      await relay.kill();
      await eventually(
        "the loss is noticed",
        async () => !(await connectionTo(second, relay.peer)),
      );

      const call = await inTab<Told<CallResult>>(second, "call", "greet", { name: "Bob" });

      assertEquals(call.value?.structuredContent, { greeting: "Hello Bob, from tab" });
      assert(await connectionTo(first, secondPeer));
    });
  });
}
