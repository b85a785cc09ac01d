/** A page of a real Chromium and a server on each host, over every transport that both have. */

import { after, before, describe, it } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
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

const TRANSPORTS = {
  node: ["ws", "webrtc-direct"],
  bun: ["ws", "webrtc-direct"],
  deno: ["ws", "webrtc-direct", "webtransport"],
} as const;

const NAMES = { ws: "websocket", "webrtc-direct": "webrtc-direct", webtransport: "webtransport" };

const MEGABYTES_5 = 5 * 1024 * 1024;

for (const host of ["node", "bun", "deno"] as const) {
  describe(`a page and a server on ${host}`, { skip: pagesSkipped, timeout: 120_000 }, () => {
    let browser: Browser;
    let server: MeshServer;

    before(async () => {
      const mesh = { webTransportPort: host === "deno" ? 0 : "off" };
      [browser, server] = await Promise.all([startBrowser(), startServer(host, { mesh })]);
    });
    after(async () => {
      await browser?.close();
      await server?.kill();
    });

    it("meet over the best that both have, where there is a choice", async () => {
      const tab = await browser.openTab();
      const bootstrap = server.addresses.toReversed();
      await inTab(tab, "join", { bootstrap, store: "choice" });

      const connections = await inTab<PeerConnection[]>(tab, "connections");

      const best = host === "deno" ? "webtransport" : "webrtc-direct";
      assertEquals(
        connections.map(({ transport }) => transport),
        [best],
      );
      await inTab(tab, "stop");
      await tab.close();
    });

    for (const kind of TRANSPORTS[host]) {
      describe(`over ${kind}`, () => {
        let tab: Page;
        let peer: string;

        before(async () => {
          tab = await browser.openTab();
          const bootstrap = [server.address(kind)];
          peer = (await inTab<Told<string>>(tab, "join", { bootstrap, name: "tab" })).value;
        });
        after(async () => {
          await inTab(tab, "stop");
          await tab.close();
        });

        it("meet", async () => {
          const [connection] = await inTab<PeerConnection[]>(tab, "connections");

          assertEquals(connection?.peer, server.peer);
          assertEquals(connection?.transport, NAMES[kind]);
          assertEquals(connection?.isRelayed, false);
        });

        it("call each other", async () => {
          const there = await inTab<Told<CallResult>>(tab, "call", "add", { a: 1, b: 2 });
          assertEquals(there.value.structuredContent, { sum: 3 });
          await inTab(tab, "offer", "greet");
          await eventually("the page's tool is known", () => knows(server, "greet"));

          const here = await server.call("greet", { name: "Ada" });

          assertEquals(here.structuredContent, { greeting: "Hello Ada, from tab" });
          const named = await server.call("greet", { name: "Bob" }, peer);
          assertEquals(named.structuredContent, { greeting: "Hello Bob, from tab" });
        });

        it("hear of progress, in order", async () => {
          const { seen } = await inTab<{ seen: unknown[] }>(tab, "progress", "count", { to: 3 });

          assertEquals(
            seen,
            [1, 2, 3].map((at) => [at, 3, `at ${at}`]),
          );
        });

        it("take calls back", async () => {
          const before = await cancelledAt(server);

          const { error } = await inTab<Told<never>>(tab, "cancel", "wait");

          assertMatch(error?.message ?? "", /enough/);
          await eventually(
            "the handler was told",
            async () => (await cancelledAt(server)) > before,
          );
        });

        it("carry results of 5 MB", async () => {
          await inTab(tab, "offer", "page_big");
          const input = { length: MEGABYTES_5 };
          const length = await tab.evaluate(
            `tab.call("big", ${JSON.stringify(input)}).then(({ value }) => value.structuredContent.text.length)`,
          );
          assertEquals(length, MEGABYTES_5);

          await eventually("the other tool is known", () => knows(server, "page_big"));
          const { structuredContent } = await server.call("page_big", input);

          assertEquals((structuredContent as { text: string }).text.length, MEGABYTES_5);
        });

        it("part: what is taken back is gone, and who left has no tools", async () => {
          await eventually("greet is known", () => knows(server, "greet"));
          await inTab(tab, "withdraw", "greet");
          await eventually("greet is gone", async () => !(await knows(server, "greet")));
          assert(await knows(server, "page_big"));

          await inTab(tab, "stop");

          await eventually("all is gone", async () => !(await knows(server, "page_big")));
        });
      });
    }
  });
}

async function cancelledAt(server: MeshServer): Promise<number> {
  const { structuredContent } = await server.call("cancelled_calls");
  return (structuredContent as { cancelled: number }).cancelled;
}

async function knows(server: MeshServer, tool: string): Promise<boolean> {
  const { structuredContent } = await server.call("list_tools", { query: tool });
  const { tools } = structuredContent as { tools: readonly { name: string; category: string }[] };
  return tools.some(({ name, category }) => name === tool && category.startsWith("peer:"));
}
