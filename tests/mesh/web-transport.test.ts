/** A page of a real Chromium and a node on Deno, over WebTransport. @module */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, it } from "node:test";
import { assert, assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import type { Page } from "playwright-core";
import { openTransports } from "../../runtimes/shared/transports.ts";
import { openPage, pagesSkipped } from "../support/chromium.ts";
import { ROOT } from "../support/source-files.ts";

interface Node {
  readonly address: string;
  ask(command: string): Promise<string>;
  close(): Promise<void>;
}

/** Start Deno with `tests/support/web-transport/node.ts`. */
async function startDeno(): Promise<Node> {
  const deno = join(ROOT, "node_modules", ".bin", "deno");
  const program = join(ROOT, "tests", "support", "web-transport", "node.ts");
  const child: ChildProcess = spawn(deno, ["run", "-A", "--no-check", "--unstable-net", program], {
    cwd: ROOT,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const { stdin, stdout } = child;
  if (!stdin || !stdout) throw new Error("Deno was started without pipes");
  const lines = createInterface(stdout)[Symbol.asyncIterator]();
  const line = async (): Promise<string> => (await lines.next()).value ?? "";
  return {
    address: await line(),
    async ask(command) {
      stdin.write(`${command}\n`);
      return await line();
    },
    async close() {
      const exited = once(child, "exit");
      stdin.end();
      if (child.exitCode === null) await exited;
    },
  };
}

/** Call a function of `tests/support/web-transport/page.ts`. */
const call = <T>(page: Page, name: string, ...args: readonly unknown[]): Promise<T> =>
  page.evaluate(`${name}(${args.map((arg) => JSON.stringify(arg)).join()})`);

describe("a page and Deno over WebTransport", { skip: pagesSkipped, timeout: 60_000 }, () => {
  let node: Node;
  let page: Page;
  const closing: (() => Promise<void>)[] = [];

  before(async () => {
    node = await startDeno();
    closing.push(node.close);
    const opened = await openPage("tests/support/web-transport/page.ts");
    closing.push(opened.close);
    page = opened.page;
    await page.waitForFunction("typeof dial === 'function'");
  });
  after(async () => {
    for (const close of closing.reverse()) await close();
  });

  it("meet by an address that names two certificates", async () => {
    assertMatch(
      node.address,
      /^\/ip4\/127\.0\.0\.1\/udp\/\d+\/quic-v1\/webtransport(\/certhash\/u[\w-]+){2}\/p2p\/12D3Koo/,
    );

    const peer = await call<string>(page, "dial", node.address);

    assert(node.address.endsWith(`/p2p/${peer}`));
  });

  it("carry small messages and megabytes, opened by the page", async () => {
    await call(page, "dial", node.address);

    assert(await call(page, "echo", 1, 1));
    assert(await call(page, "echo", 3_000_000, 1));
  });

  it("carry what the node began", async () => {
    await call(page, "dial", node.address);

    assertEquals(await node.ask("echo"), "true");
  });

  it("have no end of streams, as long as they are closed", async () => {
    await call(page, "dial", node.address);

    assert(await call(page, "echo", 10, 200));
  });

  it("do not meet where the certificate is another", async () => {
    const [first = "", ...others] = node.address.match(/\/certhash\/[\w-]+/g) ?? [];
    const foreign = node.address.replace(first, "").replace(others.join(""), FOREIGN);

    await assertRejects(() => call(page, "dial", foreign), Error, "handshake failed");
  });

  it("meet by the old address when the first certificate has expired", async () => {
    const renewed = await node.ask("renew");
    assertNotEquals(renewed, node.address);
    const hashes = (address: string): string[] => address.match(/certhash\/[\w-]+/g) ?? [];
    assertEquals(hashes(renewed)[0], hashes(node.address)[1]);

    for (const address of [node.address, renewed]) {
      await call(page, "dial", address);
      assert(await call(page, "echo", 10, 1));
    }
  });

  it("part when the page is closed, and streams end at once", async () => {
    await call(page, "dial", node.address);
    assertEquals(await node.ask("hold"), "open");

    await page.close();

    assertMatch(await node.ask("ended"), /^(closed|reset)$/);
  });
});

/** The hash of no certificate. */
const FOREIGN = `/certhash/uEiA${"A".repeat(43)}`;

describe("WebTransport", () => {
  it("is missing with its reason where a host cannot listen for it", async () => {
    const off = { tcpPort: "off", quicPort: "off", webRtcPort: "off" } as const;

    const opened = await openTransports({ ...off, hostname: "127.0.0.1", webTransportPort: 0 });

    assertEquals(Object.keys(opened.missing), ["webtransport"]);
    assertMatch(opened.missing.webtransport ?? "", /only Deno .* --unstable-net.*webTransportPort/);
  });
});
