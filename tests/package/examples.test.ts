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
  const env = { ...process.env, MCPP_LISTEN_PORT: "0", MCPP_LOG_AUDIT: "false", PORT: "0" };
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
    const { folder, dist } = installed;
    const example = join(folder, "06-workflow");
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
      run([...hosts.node, join(dist, "bin/main.js"), "workflow", ...args, ...port], {
        cwd: folder,
      });
    const params = ["--param", "title=Cities", "--param", 'tables=["asia.csv","africa.csv"]'];
    const submitted = mcpp("submit", join(example, "report.json"), ...params);
    const id = submitted.stdout.trim();
    for (;;) {
      const { structuredContent } = await call("p2p_workflow_status", { workflowId: id });
      if (structuredContent.counts.done === 3) break;
      await sleep(50);
    }
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
});
