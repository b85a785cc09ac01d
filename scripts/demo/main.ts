/**
 * `npm run demo`: servers on Node, Bun and Deno and a page in Chromium in one mesh; one MCP client
 * calls the tools of each through each of the others. Everything is real and on this machine.
 *
 * @module
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { noPage, openDemoPage } from "./page.ts";
import { type DemoServer, type HostName, startServer, stopServer } from "./servers.ts";
import { failure, formatMs, heading, line, note } from "./transcript.ts";

interface Reply {
  readonly isError?: boolean;
  readonly content: readonly { readonly text?: string }[];
  readonly structuredContent?: Readonly<Record<string, unknown>>;
}

interface Connected {
  readonly server: DemoServer;
  readonly client: Client;
}

const HOSTS: readonly HostName[] = ["node", "bun", "deno"];

/** Time for servers to find each other and to read each other's tools. */
const MEET_MS = 30_000;

async function connect(server: DemoServer): Promise<Connected> {
  const client = new Client({ name: "demo", version: "1.0.0" });
  await client.connect(new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`)));
  return { server, client };
}

async function dispatch({ client }: Connected, args: object): Promise<[Reply, ms: number]> {
  const startedAt = performance.now();
  const reply = await client.callTool({ name: "dispatch", arguments: { ...args } });
  return [reply as Reply, performance.now() - startedAt];
}

const textOf = ({ content }: Reply): string => content.map(({ text }) => text ?? "").join(" ");

function assertOk(reply: Reply): void {
  if (reply.isError) throw new Error(textOf(reply));
}

/** Until each server shows the tools of `count` others. */
async function meet(all: readonly Connected[], count: number): Promise<void> {
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

async function callEachFromEach(all: readonly Connected[]): Promise<void> {
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

async function showAuthority([first, second]: readonly Connected[]): Promise<void> {
  if (!first || !second) return;
  const [refused, ms] = await dispatch(first, {
    tool: "p2p_peer_disconnect",
    peer: second.server.host,
    params: { peer: "anybody" },
  });
  if (!refused.isError) throw new Error("a tool that no rule opens was run");
  line(`${second.server.host} refuses what no rule opens`, ms, textOf(refused).slice(0, 60));
}

/** The page's tool through every server, and a server's tool through the page. */
async function showPage(all: readonly Connected[]): Promise<void> {
  heading("A web page in the same mesh");
  const [first] = all;
  if (!first || noPage !== undefined) {
    note(`left out: ${noPage}`);
    return;
  }
  const page = await openDemoPage(first.server, all.length);
  try {
    line("a page in Chromium has met every server", page.readyMs, `${first.server.url}/join/`);
    await page.offer("say_hello");
    for (const from of all) {
      const [greeted, ms] = await untilKnown(from, "say_hello", { name: from.server.host });
      line(`client → ${from.server.host} → the page: say_hello`, ms, textOf(greeted).slice(0, 60));
    }
    const calledAt = performance.now();
    const shown = await page.call("cache_get", { key: "from-bun" });
    line("the page → a server: cache_get", performance.now() - calledAt, oneLine(shown));
  } finally {
    await page.close();
  }
}

/** Call a tool that only just came to be; gives the answer and the time of the call that had it. */
async function untilKnown(from: Connected, tool: string, params: object): Promise<[Reply, number]> {
  const until = performance.now() + MEET_MS;
  for (;;) {
    const [reply, ms] = await dispatch(from, { tool, params });
    if (!reply.isError) return [reply, ms];
    if (performance.now() > until) throw new Error(textOf(reply));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, " ").slice(0, 60);

async function run(folder: string, servers: DemoServer[]): Promise<void> {
  heading("Three servers, one mesh");
  for (const host of HOSTS) {
    const bootstrap = servers.flatMap(({ addresses }) => addresses.slice(0, 1));
    const server = await startServer(host, folder, bootstrap);
    servers.push(server);
    line(`${host} listens and has joined`, server.readyMs, server.url);
    for (const address of server.addresses) note(`    ${address}`);
  }

  heading("One MCP client, each tool through each server");
  const all = await Promise.all(servers.map(connect));
  const metAt = performance.now();
  await meet(all, HOSTS.length - 1);
  line("every server shows the tools of the others", performance.now() - metAt);
  await callEachFromEach(all);

  heading("A peer's id is no right");
  await showAuthority(all);
  await showPage(all);
  await Promise.all(all.map(({ client }) => client.close()));
}

async function stopAll(servers: readonly DemoServer[]): Promise<void> {
  heading("Stop");
  for (const server of servers) line(`${server.host} has stopped`, await stopServer(server));
}

const startedAt = performance.now();
const folder = await mkdtemp(join(tmpdir(), "mcpp-demo-"));
const servers: DemoServer[] = [];
try {
  await run(folder, servers);
} catch (error) {
  failure("the demonstration", error);
  process.exitCode = 1;
} finally {
  await stopAll(servers);
  await rm(folder, { recursive: true, force: true });
}
note(`\n${formatMs(performance.now() - startedAt)} in all`);
