/** A page's life: it is loaded again, opened twice, loses its server, and asks for what is closed to it. */

import { after, before, describe, it, type TestContext } from "node:test";
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
import { createTempFolder } from "../support/temp-folder.ts";

const join = async (tab: Page, options: object = {}): Promise<string> =>
  (await inTab<Told<string>>(tab, "join", { name: "tab", ...options })).value;

const isConnected = async (tab: Page): Promise<boolean> =>
  (await inTab<PeerConnection[]>(tab, "connections")).length > 0;

/** What browsers do to tabs in the background: the pauses between two attempts never end. */
const STOP_TIMERS = `{
  const { setTimeout } = window;
  window.setTimeout = (run, ms, ...args) => (ms >= 700 ? 0 : setTimeout(run, ms, ...args));
}`;

/** Timers that were set and have neither rung nor been cleared, with where they were set. */
const WATCH_TIMERS = `{
  globalThis.timers = new Map();
  for (const kind of ["Timeout", "Interval"]) {
    const { ["set" + kind]: set, ["clear" + kind]: clear } = window;
    window["set" + kind] = (run, ...rest) => {
      const ring = () => (kind === "Timeout" && timers.delete(id), run());
      const id = set(ring, ...rest);
      timers.set(id, new Error().stack.split("\\n").slice(2, 5).join(" < "));
      return id;
    };
    window["clear" + kind] = (id) => (timers.delete(id), clear(id));
  }
}`;

describe("a page", { skip: pagesSkipped, timeout: 120_000 }, () => {
  let browser: Browser;
  before(async () => {
    browser = await startBrowser();
  });
  after(() => browser?.close());

  async function openTab(t: TestContext): Promise<Page> {
    const tab = await browser.openTab();
    t.after(() => tab.close());
    return tab;
  }

  async function serve(t: TestContext, config: object = {}): Promise<MeshServer> {
    const server = await startServer("node", config);
    t.after(() => server.kill());
    return server;
  }

  it("is the same peer after it was loaded again", async (t) => {
    const tab = await openTab(t);
    const before = await join(tab);

    await tab.reload();
    await tab.waitForFunction("'tab' in globalThis");

    assertEquals(await join(tab), before);
  });

  it("opened twice is two peers, each of whom stays who it is", async (t) => {
    const [one, two] = [await openTab(t), await openTab(t)];
    const peers = [await join(one), await join(two)];
    assertNotEquals(peers[0], peers[1]);

    await inTab(one, "stop");

    assertEquals(await join(one), peers[0]);
  });

  it("knows the peers of its last visit, and finds them without being told", async (t) => {
    const server = await serve(t);
    const tab = await openTab(t);
    await join(tab, { bootstrap: [server.address("ws")], store: "visits" });
    await inTab(tab, "stop");

    await join(tab, { store: "visits" });

    const sum = inTab<Told<CallResult>>(tab, "call", "add", { a: 4, b: 5 }, server.peer);
    assertEquals((await sum).value.structuredContent, { sum: 9 });
  });

  it("comes back to a server that was killed and started again, with its tools", async (t) => {
    const dataDir = await createTempFolder(t);
    const first = await serve(t, { dataDir });
    const tab = await openTab(t);
    const peer = await join(tab, { bootstrap: [first.address("ws")] });
    await inTab(tab, "offer", "greet");

    await first.kill("SIGKILL");
    await eventually("the loss is noticed", async () => !(await isConnected(tab)));
    const { error } = await inTab<Told<never>>(tab, "call", "add", { a: 1, b: 1 });
    assertEquals(error?.code, "unknown_tool");
    const second = await serve(t, { dataDir, listen: { port: Number(new URL(first.url).port) } });
    assertEquals(second.peer, first.peer);

    await eventually("it is connected", () => isConnected(tab));
    const { value } = await inTab<Told<CallResult>>(
      tab,
      "call",
      "add",
      { a: 2, b: 3 },
      second.peer,
    );
    assertEquals(value.structuredContent, { sum: 5 });
    const greeted = await second.call("greet", { name: "Ada" }, peer);
    assertEquals(greeted.structuredContent, { greeting: "Hello Ada, from tab" });
    await eventually("the slot at the relay is there again", async () =>
      (await inTab<string[]>(tab, "addresses")).some((address) =>
        address.includes(`/p2p/${second.peer}/p2p-circuit/webrtc/`),
      ),
    );
  });

  it("that wakes up lets go of a server that no longer answers, and takes it back", async (t) => {
    const server = await serve(t);
    const tab = await openTab(t);
    await join(tab, { bootstrap: [server.address("ws")], store: "half-open" });
    server.signal("SIGSTOP");

    await tab.evaluate("window.dispatchEvent(new Event('online'))");
    await eventually("the loss is noticed", async () => !(await isConnected(tab)));
    server.signal("SIGCONT");

    await eventually("it is connected", () => isConnected(tab));
  });

  it("whose timers stand still is back as soon as somebody looks at it", async (t) => {
    const dataDir = await createTempFolder(t);
    const first = await serve(t, { dataDir });
    const tab = await openTab(t);
    await join(tab, { bootstrap: [first.address("ws")], store: "asleep" });
    await tab.evaluate(STOP_TIMERS);
    await first.kill("SIGKILL");
    await eventually("the loss is noticed", async () => !(await isConnected(tab)));
    await serve(t, { dataDir, listen: { port: Number(new URL(first.url).port) } });
    assertEquals(await isConnected(tab), false);

    await tab.evaluate("document.dispatchEvent(new Event('visibilitychange'))");

    await eventually("it is connected", () => isConnected(tab));
  });

  it("may use what the server's rules open, and is told which rule is missing", async (t) => {
    const tab = await openTab(t);
    const dataDir = await createTempFolder(t);
    const closed = await serve(t, { dataDir });
    const peer = await join(tab, { bootstrap: [closed.address("ws")], store: "rules" });
    const [, refused] = [
      await inTab<Told<CallResult>>(tab, "call", "add", { a: 1, b: 1 }),
      await inTab<Told<never>>(tab, "call", "erase", {}, closed.peer),
    ];
    assertEquals(refused.error?.code, "capability_missing");
    assertMatch(refused.error?.message ?? "", new RegExp(`mesh\\.allow .*${peer}`));
    await inTab(tab, "stop");
    await closed.kill();

    const rules = [{ peer, tools: ["erase"] }];
    const open = await serve(t, { dataDir, mesh: { allow: rules } });
    await join(tab, { bootstrap: [open.address("ws")], store: "rules" });
    const { value } = await inTab<Told<CallResult>>(tab, "call", "erase", {}, open.peer);

    assertEquals(value.structuredContent, { erased: true });
  });

  it("opens of its own tools what only reads, and the rest by its rules", async (t) => {
    const server = await serve(t);
    const bootstrap = [server.address("ws")];
    const tab = await openTab(t);
    const peer = await join(tab, { bootstrap, store: "own" });
    await inTab(tab, "offer", "paint");
    const error = await server.call("paint", { title: "no" }, peer).catch((reason) => reason);
    assertEquals(error.code, "capability_missing");
    assertEquals(await tab.title(), "tab");
    await inTab(tab, "stop");

    await join(tab, { bootstrap, store: "own", allow: [{ peer: server.peer, tools: ["*"] }] });
    await inTab(tab, "offer", "paint");
    await server.call("paint", { title: "yes" }, peer);

    assertEquals(await tab.title(), "yes");
  });

  it("says what it takes to join where its browser gives no keys", async (t) => {
    const tab = await openTab(t);
    await tab.goto(browser.origin.replace("127.0.0.1", "page.test"));
    await tab.waitForFunction("'tab' in globalThis");

    const { error } = await inTab<Told<never>>(tab, "join", {});

    assertEquals(error?.code, "runtime_unavailable");
    assertMatch(error?.message ?? "", /page\.test:\d+ over https, or as localhost/);
  });

  it("leaves nothing running when it has left", async (t) => {
    const server = await serve(t);
    const tab = await openTab(t);
    await tab.evaluate(WATCH_TIMERS);
    await join(tab, { bootstrap: [server.address("webrtc-direct"), server.address("ws")] });
    await inTab(tab, "offer", "greet");
    assert((await tab.evaluate<number>("timers.size")) > 0);

    await inTab(tab, "stop");

    // What is left are pauses of libp2p, each of which ends by itself and begins no other.
    await eventually("no timer is left", async () => (await tab.evaluate("timers.size")) === 0);
    assertEquals(await tab.evaluate("navigator.locks.query().then(({ held }) => held.length)"), 0);
  });

  it("leaves when its signal fires, while it joins and after that", async (t) => {
    const tab = await openTab(t);
    const peer = await join(tab, { store: "signal" });
    await inTab(tab, "stop");

    const during = await inTab<Told<string>>(tab, "joinUntil", "joining", { store: "signal" });
    const after = await inTab<Told<string>>(tab, "joinUntil", "joined", { store: "signal" });

    assertEquals([during.error?.message, after.value], ["enough", peer]);
    const late = await inTab<Told<never>>(tab, "call", "greet", {});
    assertEquals(late.error?.code, "runtime_unavailable");
    await eventually("its identity is free", async () => {
      const again = await inTab<Told<string>>(tab, "join", { store: "signal" });
      await inTab(tab, "stop");
      return again.value === peer;
    });
  });

  it("refuses two tools of one name, an address that is none, and calls after it left", async (t) => {
    const tab = await openTab(t);
    const wrong = await inTab<Told<never>>(tab, "join", { bootstrap: ["http://x"] });
    assertEquals(wrong.error?.code, "invalid_input");
    assertMatch(wrong.error?.message ?? "", /"http:\/\/x" .* multiaddr/);

    await join(tab);
    await inTab(tab, "offer", "greet");
    const twice = await inTab<Told<never>>(tab, "offer", "greet");
    assertEquals(twice.error?.code, "duplicate_tool");
    const own = await inTab<Told<CallResult>>(tab, "call", "greet", { name: "me" });
    assertEquals(own.value.structuredContent, { greeting: "Hello me, from tab" });
    await inTab(tab, "stop");

    const late = await inTab<Told<never>>(tab, "call", "greet", { name: "me" });
    assertEquals(late.error?.code, "runtime_unavailable");
    assert((await inTab<string[]>(tab, "addresses")).length === 0);
  });
});
