/** The page at `/join` of the built server, used as a person does. */

import { once } from "node:events";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Page } from "playwright-core";
import type { CallResult } from "../../src/registry/result.ts";
import { type Browser, startBrowser } from "../support/browser.ts";
import { pagesSkipped } from "../support/chromium.ts";
import { eventually } from "../support/eventually.ts";
import { start } from "../support/mcpp-process.ts";
import { hosts, type Installed, installPackage } from "../support/package.ts";

/** Short enough to wait for what a page does by itself. */
const PATIENCE_MS = 20_000;

/** Peers may work tasks, and submit none. */
const ALLOW = JSON.stringify([{ peer: "*", abilities: ["worker"] }]);

/** The built server on a host; where it listens once its mesh runs. */
async function serveOn(
  host: keyof typeof hosts,
  { dist, folder }: Installed,
  t: { after(close: () => unknown): void },
): Promise<string> {
  const [file = "", ...words] = hosts[host];
  const env = { MCPP_FEATURES_MESH: "true", MCPP_LISTEN_PORT: "0", MCPP_MESH_DHT: "false" };
  const args = [...words, join(dist, "bin/main.js"), "serve"];
  const own = { MCPP_DATA_DIR: join(folder, host), MCPP_MESH_ALLOW: ALLOW };
  const server = start(file, args, { folder, env: { ...env, ...own } });
  t.after(async () => {
    const exited = once(server, "exit");
    server.kill("SIGKILL");
    await exited;
  });
  const listening = (): string | undefined =>
    /http:\/\/127\.0\.0\.1:\d+/.exec(server.output().stdout + server.output().stderr)?.[0];
  await eventually("the server listens", () => listening() !== undefined);
  const url = listening() ?? "";
  await eventually("the mesh runs", async () => (await fetch(`${url}/peers`)).ok);
  return url;
}

type Facts = Readonly<Record<string, unknown>>;

/** Call a tool of the queue over HTTP; `undefined` where it is refused. */
async function callAt(url: string, tool: string, input: object): Promise<Facts | undefined> {
  const response = await fetch(`${url}/tools/p2p_taskqueue_${tool}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(input),
  });
  if (!response.ok) return undefined;
  return ((await response.json()) as CallResult).structuredContent as Facts;
}

describe("the page at /join", { skip: pagesSkipped, timeout: 120_000 }, () => {
  const closing: (() => unknown)[] = [];
  const t = { after: (close: () => unknown) => void closing.push(close) };
  let installed: Installed;
  let browser: Browser;
  let url: string;
  let page: Page;
  const faults: string[] = [];

  before(async () => {
    installed = await installPackage(t);
    url = await serveOn("node", installed, t);
    browser = await startBrowser();
    t.after(() => browser.close());
    page = await browser.context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    page.on("pageerror", ({ message }) => faults.push(message));
    page.on("console", (message) => {
      if (message.type() === "error") faults.push(message.text());
    });
    await page.goto(`${url}/join`);
  });
  after(async () => {
    for (const close of closing.reverse()) await close();
  });

  it("joins the server that it came from, and shows who is there", async () => {
    await page.locator("#status", { hasText: "Connected to 1" }).waitFor();

    assertMatch((await page.textContent("#peer")) ?? "", /^12D3KooW/);
    const row = (await page.textContent("#connections tr")) ?? "";
    assertMatch(row, /12D3KooW.*node.*(websocket|webrtc-direct)/);
  });

  it("calls a tool by a form that is made of its schema", async () => {
    await page.locator("#tool option[value=dataset_describe]").waitFor({ state: "attached" });
    await page.selectOption("#tool", "dataset_describe");
    await page.fill("#field-source", '{"rows":[{"city":"Bern"},{"city":"Chur"}]}');

    await page.click("#caller button[type=submit]");

    await page.locator("#result", { hasText: '"totalRows": 2' }).waitFor();
  });

  it("says what is wrong with an input", async () => {
    await page.fill("#field-source", '{"rows":5}');
    await page.click("#caller button[type=submit]");

    await page.locator("#result", { hasText: "invalid_input" }).waitFor();
    assertStringIncludes((await page.textContent("#result")) ?? "", "/source");
  });

  it("submits a call as a task, or says what the server's owner must open for it", async () => {
    await page.fill("#field-source", '{"rows":[{"city":"Bern"}]}');
    await page.click("#submit-task");

    await page.locator("#result", { hasText: "capability_missing" }).waitFor();
    assertMatch((await page.textContent("#result")) ?? "", /mesh\.allow/);
  });

  it("offers what is ticked, and shows who called", async () => {
    await page.check("#offer-say_hello");
    const body = JSON.stringify({ name: "<b>Ada</b>" });
    const headers = { "content-type": "application/json" };
    const ask = (): Promise<Response> =>
      fetch(`${url}/tools/say_hello`, { method: "POST", headers, body });
    await eventually("the tool is known", async () => (await ask()).ok);

    const { structuredContent } = (await (await ask()).json()) as CallResult;

    assertMatch(String((structuredContent as { greeting: string }).greeting), /^Hello <b>Ada<\/b>/);
    assertStringIncludes((await page.textContent("#log")) ?? "", '{"name":"<b>Ada</b>"}');
    await page.uncheck("#offer-say_hello");
    await eventually("the tool is gone", async () => !(await ask()).ok);
  });

  it("works tasks that need a page when it is told to, and shows what it drew", async () => {
    await page.check("#offer-draw_chart");
    await page.check("#work");
    await page.locator("#worked", { hasText: "Working for 12D3KooW" }).waitFor();
    const rows = [
      { city: "Bern", people: 134 },
      { city: "Chur", people: 38 },
    ];
    const input = { rows, label: "city", value: "people" };
    const task = { tool: "draw_chart", input, requires: ["in-page"] };
    let submitted: Facts | undefined;
    await eventually("the tool is known", async () => {
      submitted = await callAt(url, "submit", task);
      return submitted !== undefined;
    });

    const taskId = submitted?.taskId;
    const { result } = (await callAt(url, "get_result", { taskId, waitMs: 30_000 })) ?? {};

    const { png, width, height } = result as Facts;
    const bytes = Buffer.from(String(png).replace("data:image/png;base64,", ""), "base64");
    assertEquals([bytes.readUInt32BE(16), bytes.readUInt32BE(20)], [width, height]);
    assert(await page.locator("#log canvas").first().isVisible());
    await page.uncheck("#work");
  });

  it("says why it works for nobody", async () => {
    const address = await page.inputValue("#address");
    await page.fill("#address", "nobody-at-all");

    // Ticked only until it is answered.
    await page.click("#work");

    await page.locator("#worked", { hasText: "nobody-at-all" }).waitFor();
    assert(!(await page.isChecked("#work")));
    await page.fill("#address", address);
  });

  it("is there on Bun and Deno too", async () => {
    const expected = await (await fetch(`${url}/join/mesh.js`)).text();
    assert(expected.length > 100_000);
    for (const host of ["bun", "deno"] as const) {
      const other = await serveOn(host, installed, t);

      assertEquals(await (await fetch(`${other}/join/mesh.js`)).text(), expected, host);
      assertMatch(await (await fetch(`${other}/join`)).text(), /<title>A page in the mesh/);
    }
  });

  it("needs nothing that its policy forbids", () => {
    assertEquals(faults, []);
  });
});
