/**
 * `npm run demo`: servers on Node, Bun and Deno and a page in Chromium in one mesh; one MCP client
 * calls the tools of each through each of the others, and a workflow has a step on each of them.
 * Everything is real and on this machine.
 *
 * @module
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { callEachFromEach, callThePage, meet, showAuthority } from "./calls.ts";
import { type Connected, connect } from "./client.ts";
import { type DemoPage, noPage, openDemoPage } from "./page.ts";
import { HOSTS, type Program, stopProgram } from "./processes.ts";
import { runWorkflow } from "./run-workflow.ts";
import { type DemoServer, startServer } from "./servers.ts";
import { failure, formatMs, heading, line, note } from "./transcript.ts";
import { type DemoWorker, startWorkers } from "./workers.ts";

const folder = await mkdtemp(join(tmpdir(), "mcpp-demo-"));
/** What is to be stopped, in the order in which it began. */
const programs: Program[] = [];
const started = (program: Program): void => void programs.push(program);

async function startServers(): Promise<readonly DemoServer[]> {
  heading("Three servers, one mesh");
  const servers: DemoServer[] = [];
  for (const host of HOSTS) {
    const bootstrap = servers.flatMap(({ addresses }) => addresses.slice(0, 1));
    const server = await startServer(host, folder, bootstrap, started);
    servers.push(server);
    line(`${host} listens and has joined`, server.readyMs, server.url);
    for (const address of server.addresses) note(`    ${address}`);
  }
  return servers;
}

async function showCalls(all: readonly Connected[]): Promise<void> {
  heading("One MCP client, each tool through each server");
  const metAt = performance.now();
  await meet(all, all.length - 1);
  line("every server shows the tools of the others", performance.now() - metAt);
  await callEachFromEach(all);

  heading("A peer's id is no right");
  await showAuthority(all);
}

async function showPage(
  { server }: Connected,
  all: readonly Connected[],
): Promise<DemoPage | undefined> {
  heading("A web page in the same mesh");
  if (noPage !== undefined) {
    note(`left out: ${noPage}`);
    return undefined;
  }
  const page = await openDemoPage(server, all.length);
  line("a page in Chromium has met every server", page.readyMs, `${server.url}/join/`);
  return page;
}

async function showWorkflow(owner: Connected, page: DemoPage | undefined): Promise<void> {
  heading(`A workflow on three hosts${page ? " and in the page" : ""}`);
  if (!page) note(`the page's step is left out: ${noPage}`);
  const others = page ? [page.peer] : [];
  const workers: DemoWorker[] = [...(await startWorkers(owner.server, folder, others, started))];
  if (page) {
    const askedAt = performance.now();
    await page.offer("draw_chart");
    await page.work();
    workers.push({ place: "page", peer: page.peer, readyMs: performance.now() - askedAt });
  }
  for (const { place, peer, readyMs } of workers) {
    const where = place === "page" ? "in the page" : `on ${place}`;
    line(`${owner.server.host} lets in the worker ${where}, by its id`, readyMs, peer);
  }
  await runWorkflow(owner, workers);
}

async function run(): Promise<void> {
  const all = await Promise.all((await startServers()).map(connect));
  await showCalls(all);
  const [first] = all;
  if (!first) return;
  const page = await showPage(first, all);
  try {
    if (page) await callThePage(all, page);
    await showWorkflow(first, page);
  } finally {
    await page?.close();
  }
  await Promise.all(all.map(({ client }) => client.close()));
}

async function stopAll(): Promise<void> {
  heading("Stop");
  for (const program of programs.toReversed()) {
    line(`${program.name} has stopped`, await stopProgram(program));
  }
}

const startedAt = performance.now();
try {
  await run();
} catch (error) {
  failure("the demonstration", error);
  for (const { name, complaints } of programs) {
    for (const one of complaints().trim().split("\n")) if (one !== "") note(`${name}: ${one}`);
  }
  process.exitCode = 1;
} finally {
  await stopAll();
  await rm(folder, { recursive: true, force: true });
}
note(`\n${formatMs(performance.now() - startedAt)} in all`);
