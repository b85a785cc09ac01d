/** Calls across the mesh: each tool through each server, what is refused, and a page's. @module */

import {
  assertOk,
  type Connected,
  dispatch,
  MEET_MS,
  type Reply,
  textOf,
  untilKnown,
} from "./client.ts";
import type { DemoPage } from "./page.ts";
import { line, oneLine } from "./transcript.ts";

/** Until each server shows the tools of `count` others. */
export async function meet(all: readonly Connected[], count: number): Promise<void> {
  const until = performance.now() + MEET_MS;
  for (const { client, server } of all) {
    for (;;) {
      const reply = (await client.callTool({ name: "list_categories", arguments: {} })) as Reply;
      const { categories } = reply.structuredContent as {
        readonly categories: readonly { readonly source: string }[];
      };
      if (categories.filter(({ source }) => source === "peer").length >= count) break;
      if (performance.now() > until) throw new Error(`${server.host} did not meet ${count} peers`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** Store a value at each server through each other, and read it. */
export async function callEachFromEach(all: readonly Connected[]): Promise<void> {
  for (const from of all) {
    for (const { server: to } of all) {
      if (to === from.server) continue;
      const key = `from-${from.server.host}`;
      const [stored] = await dispatch(from, {
        tool: "cache_set",
        peer: to.host,
        params: { key, value: `hello from ${from.server.host}` },
      });
      assertOk(stored);
      // The first call of a pair opens its stream; what counts is how the next ones go.
      const [read, ms] = await dispatch(from, {
        tool: "cache_get",
        peer: to.host,
        params: { key },
      });
      assertOk(read);
      line(
        `client → ${from.server.host} → ${to.host}: cache_get`,
        ms,
        JSON.stringify(read.structuredContent?.value),
      );
    }
  }
}

/** A call that no rule of the server opens to the peer that asks for it. */
export async function showAuthority([first, second]: readonly Connected[]): Promise<void> {
  if (!first || !second) return;
  const [refused, ms] = await dispatch(first, {
    tool: "p2p_peer_disconnect",
    peer: second.server.host,
    params: { peer: "anybody" },
  });
  if (!refused.isError) throw new Error("a tool that no rule opens was run");
  line(`${second.server.host} refuses what no rule opens`, ms, oneLine(textOf(refused)));
}

/** The page's tool through every server, and a server's tool through the page. */
export async function callThePage(all: readonly Connected[], page: DemoPage): Promise<void> {
  await page.offer("say_hello");
  for (const from of all) {
    const [greeted, ms] = await untilKnown(from, "say_hello", { name: from.server.host });
    line(`client → ${from.server.host} → the page: say_hello`, ms, oneLine(textOf(greeted)));
  }
  const calledAt = performance.now();
  // Where several peers have a tool, the page's list puts their names before it.
  const shown = await page.call("bun_cache_get", { key: "from-node" });
  if (!shown.includes("hello from node")) throw new Error(`the page was answered: ${shown}`);
  line("the page → bun: cache_get", performance.now() - calledAt, '"hello from node"');
}
