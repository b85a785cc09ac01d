/** Every example, run as its first lines say, with the built package, on three hosts. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, cp, readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { after, before, describe, it, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { hosts, type Installed, installPackage, root, run } from "../support/package.ts";

const EXAMPLES = ["01-call-a-tool.ts", "02-your-own-tool.ts", "03-embed-in-hono.ts"];

/** Start a server and wait until it has said where it listens. */
async function listening(
  t: TestContext,
  words: readonly string[],
  cwd: string,
): Promise<{ readonly url: string; readonly child: ChildProcess }> {
  const [file = "", ...args] = words;
  const ports = { MCPP_LISTEN_PORT: "0", MCPP_MESH_TCP_PORT: "0", MCPP_MESH_WEB_RTC_PORT: "off" };
  const env = { ...process.env, ...ports, MCPP_LOG_AUDIT: "false", PORT: "0" };
  const child = spawn(file, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  const closed = once(child, "close");
  t.after(async () => {
    child.kill("SIGKILL");
    await closed;
  });
  let said = "";
  const url = await new Promise<string>((resolve, reject) => {
    const hear = (text: Buffer): void => {
      said += text.toString();
      const [found] = /http:\/\/127\.0\.0\.1:\d+/.exec(said) ?? [];
      if (found) resolve(found);
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.once("close", (code) => reject(new Error(`it ended with ${code}: ${said}`)));
  });
  return { url, child };
}

const post = (url: string, body: object): Promise<Response> =>
  fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });

/** The server of the workflow, in a copy of its folder, and `mcpp workflow` for it. */
async function reporting(t: TestContext, { folder, dist }: Installed, name: string) {
  const example = join(folder, name);
  const isWritten = /state$|report\.md$/;
  const filter = (path: string): boolean => !isWritten.test(path);
  await cp(join(root, "examples/06-workflow"), example, { recursive: true, filter });
  // In the checkout, where npx finds the filesystem server.
  const { url } = await listening(t, [...hosts.node, join(example, "server.ts")], root);
  const call = async (tool: string, input: object) =>
    (await post(`${url}/tools/${tool}`, input)).json();
  // It is known once it has started.
  while ((await call("read_text_file", { path: "introduction.md" })).code) await sleep(50);
  const port = ["--port", new URL(url).port];
  const mcpp = (...args: string[]) =>
    run([...hosts.node, join(dist, "bin/main.js"), "workflow", ...args, ...port], { cwd: folder });
  return { example, url, call, mcpp };
}

const about = (...tables: string[]): readonly string[] => {
  const files = JSON.stringify(tables.map((table) => `${table}.csv`));
  return ["--param", "title=Cities", "--param", `tables=${files}`];
};

type Reporting = Awaited<ReturnType<typeof reporting>>;

/** Wait until everything is done that comes before the approval. */
async function isAsking({ call }: Reporting, workflowId: string): Promise<void> {
  for (;;) {
    const { structuredContent } = await call("p2p_workflow_status", { workflowId });
    if (structuredContent.counts.done === 3) return;
    await sleep(50);
  }
}

describe("the examples", () => {
  let installed: Installed;
  let clean = async (): Promise<void> => {};
  before(async () => {
    const keep = (remove: typeof clean): void => {
      clean = remove;
    };
    installed = await installPackage({ after: keep });
    for (const name of EXAMPLES) {
      await copyFile(join(root, "examples", name), join(installed.folder, name));
    }
  });
  after(() => clean());

  for (const [host, words] of Object.entries(hosts)) {
    it(`serve a tool of one's own and call it, on ${host}`, async (t) => {
      const { folder } = installed;
      const { url, child } = await listening(t, [...words, "02-your-own-tool.ts"], folder);

      const greeted = await (await post(`${url}/tools/greet`, { name: "Ada" })).json();
      const called = run([...words, "01-call-a-tool.ts", url], { cwd: folder });
      child.kill("SIGTERM");
      const [code] = await once(child, "exit");

      assertEquals(greeted.structuredContent, { greeting: "Hello, Ada!" });
      assertEquals(called.stderr, "");
      assertMatch(called.stdout, /found .*"cache_set"/);
      assertMatch(called.stdout, /stored .*"key":"greeting"/);
      assertStringIncludes(called.stdout, 'read {"found":true,"value":"hello"');
      assertEquals(code, 0);
    });

    it(`embed a server in Hono, on ${host}`, async (t) => {
      const { url } = await listening(t, [...words, "03-embed-in-hono.ts"], installed.folder);

      const own = await fetch(`${url}/orders/A-1`);
      const client = new Client({ name: "test", version: "1.0.0" });
      await client.connect(new StreamableHTTPClientTransport(new URL("/mcp", url)));
      const args = { tool: "order_status", params: { id: "A-1" } };
      const called = await client.callTool({ name: "dispatch", arguments: args });
      await client.close();

      assertEquals(await own.json(), { status: "shipped" });
      assertEquals(called.structuredContent, { status: "shipped" });
    });
  }

  it("write a report by a workflow, when somebody has looked at it", async (t) => {
    const server = await reporting(t, installed, "alone");
    const { example, call, mcpp } = server;
    const submitted = mcpp("submit", join(example, "report.json"), ...about("asia", "africa"));
    const id = submitted.stdout.trim();
    await isAsking(server, id);
    const approved = mcpp("approve", id, "look", "--note", "checked");
    const watched = mcpp("watch", id);
    const { structuredContent } = await call("p2p_workflow_get_result", { workflowId: id });
    const page = await readFile(join(example, "data/report.md"), "utf8");

    assertEquals([submitted.code, approved.code, watched.code], [0, 0, 0], watched.stderr);
    assertMatch(watched.stdout, /sums .*map dataset_aggregate .*done/);
    const { written, note } = structuredContent.result;
    assertEquals({ written, note }, { written: "done", note: "checked" });
    assertStringIncludes(page, "# Cities\n\nCities and their people, by country.");
    assertStringIncludes(page, "| Japan | 2 | 16713000 |");
    assertStringIncludes(page, "| Egypt | 2 | 14740000 |");
  });

  it("sum tables up at two more servers, on Bun and Deno", { timeout: 60_000 }, async (t) => {
    const server = await reporting(t, installed, "shared");
    const { example, url, call, mcpp } = server;
    const state = ["--data-dir", join(example, "state")];
    const main = join(installed.dist, "bin/main.js");
    const shown = run([...hosts.node, main, "identity", ...state, "--json"], { cwd: root });
    // The HTTP port takes peers as well; that of the README may be taken on this machine.
    const { peer } = JSON.parse(shown.stdout);
    const address = `/ip4/127.0.0.1/tcp/${new URL(url).port}/ws/p2p/${peer}`;
    const names = { north: hosts.bun, south: hosts.deno };
    for (const [name, words] of Object.entries(names)) {
      await listening(t, [...words, join(example, "peer.ts"), name, address], root);
    }
    const workedAt = async (peer: string): Promise<number> => {
      const ask = { peer, state: "done" };
      const { structuredContent } = await call("p2p_taskqueue_list_tasks", ask);
      return structuredContent.tasks.length;
    };

    for (let met = 0; met < 2; ) {
      const { structuredContent } = await call("p2p_peer_list", { connected: true });
      met = structuredContent.peers.filter(({ name = "" }) => name in names).length;
      await sleep(50);
    }
    const peers = ["--with", "north", "--with", "south"];
    const tables = about("asia", "africa", "europe", "america");
    const submitted = mcpp("submit", join(example, "report.json"), ...peers, ...tables);
    assertEquals(submitted.code, 0, submitted.stderr);
    const id = submitted.stdout.trim();
    await isAsking(server, id);
    const worked = await Promise.all([workedAt("north"), workedAt("south")]);
    const declined = mcpp("approve", id, "look", "--no");
    const result = mcpp("result", id, "--wait");
    const verified = mcpp("verify", id);

    assertEquals([declined.code, verified.code], [0, 0], verified.stderr);
    // Whoever is quick gets more.
    const [north = 0, south = 0] = worked;
    assertEquals([north > 0, south > 0, north + south], [true, true, 4]);
    const { tables: sums, written } = JSON.parse(result.stdout);
    const people = sums.map(({ rows }: { rows: { people: number }[] }) => rows[0]?.people);
    assertEquals(people, [16_713_000, 14_740_000, 5_647_000, 11_100_000]);
    assertEquals(written, "skipped");
    assertStringIncludes(verified.stdout, "the order is proven for 6 of 6 edges");
  });
});
