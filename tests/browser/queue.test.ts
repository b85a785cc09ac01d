/** Tasks of pages in a real Chromium: submitted to a server, and worked for it. */

import { after, before, describe, it, type TestContext } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Page } from "playwright-core";
import type { Drained } from "../../src/queue/worker-types.ts";
import type { TaskInfo } from "../../src/registry/task-views.ts";
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

/** Whoever comes may submit and work. */
const OPEN = [{ peer: "*", categories: ["p2p_taskqueue"], abilities: ["worker"] }];

/** Longer than a test may take: who has such a lease keeps it. */
const LONG_MS = 600_000;

describe("tasks of pages", { skip: pagesSkipped, timeout: 180_000 }, () => {
  let browser: Browser;
  before(async () => {
    browser = await startBrowser();
  });
  after(() => browser?.close());

  async function serve(t: TestContext, queue: object): Promise<MeshServer> {
    const server = await startServer("node", { queue, mesh: { allow: OPEN } });
    t.after(() => server.kill());
    return server;
  }

  async function openTab(t: TestContext, server: MeshServer, name: string): Promise<Page> {
    const tab = await browser.openTab();
    t.after(() => tab.close());
    const bootstrap = [server.address("ws")];
    // What one browser has is shared by its tabs, so each test has a store of its own.
    const allow = [{ peer: server.peer, tools: ["*"] }];
    await inTab(tab, "join", { bootstrap, name, store: t.name, allow });
    await inTab(tab, "title", name);
    return tab;
  }

  /** A tab that works tasks, of the tool `hold` and of the kind `steps`. */
  async function openWorker(t: TestContext, server: MeshServer, name: string): Promise<Page> {
    const tab = await openTab(t, server, name);
    await inTab(tab, "offer", "hold");
    const { error } = await inTab<Told<string>>(tab, "work", {}, ["steps"]);
    assertEquals(error, undefined);
    return tab;
  }

  /**
   * A task that a page gave back as it was closed. What pages in Chromium send last does not always
   * arrive on a busy machine (4 of 25 did not), so that up to three pages are closed.
   */
  async function givenBack(t: TestContext, server: MeshServer): Promise<string | undefined> {
    for (let page = 1; page <= 3; page += 1) {
      const worker = await openWorker(t, server, `closed-${page}`);
      const id = await submit(server, { kind: "steps" });
      await eventually("it is worked", async () => (await inTab(worker, "working")) === 1);

      await worker.goto("about:blank");

      const isReady = async (): Promise<boolean> => (await status(server, id)).state === "ready";
      if (
        await eventually("it is nobody's", isReady, 5_000).then(
          () => true,
          () => false,
        )
      )
        return id;
    }
    return undefined;
  }

  it("are followed by the page that submits them: their progress, and their result", async (t) => {
    const server = await serve(t, { slots: 0 });
    const worker = await openWorker(t, server, "worker");
    const client = await openTab(t, server, "client");

    const { value: id } = await inTab<Told<string>>(client, "submit", { kind: "steps", input: {} });
    await inTab(client, "followTask");
    const told = (): Promise<TaskInfo[]> => inTab(client, "taskEvents");
    await eventually("half of it is told", async () =>
      (await told()).some(({ progress }) => progress?.done === 1),
    );
    await inTab(worker, "proceed");

    const { value } = await inTab<Told<unknown>>(client, "taskResult");
    assertEquals(value, { by: "worker" });
    await eventually("its end is told", async () => (await told()).at(-1)?.state === "done");
    const events = await told();
    assertEquals(new Set(events.map(({ taskId }) => taskId)), new Set([id]));
    assertEquals(events.at(-1)?.progress, { done: 2, total: 2 });
  });

  it("call the page's own tools, and only those", async (t) => {
    const server = await serve(t, { slots: 0 });
    const worker = await openWorker(t, server, "worker");
    await eventually("the tool is known", () => knows(server, "hold"));

    const other = await submit(server, { tool: "add", input: { a: 1, b: 2 }, priority: 9 });
    const id = await submit(server, { tool: "hold", input: {} });
    await inTab(worker, "proceed");

    const { state, result } = await outcome(server, id);
    assertEquals([state, result], ["done", { by: "worker" }]);
    assertEquals((await status(server, other)).state, "ready");
  });

  it("are finished by another when the page that works them dies", async (t) => {
    const server = await serve(t, { slots: 0, leaseMs: 1_000 });
    const worker = await openWorker(t, server, "first");
    const id = await submit(server, { kind: "steps" });
    await eventually("it is worked", async () => (await status(server, id)).state === "leased");

    const session = await browser.context.newCDPSession(worker);
    session.send("Page.crash").catch(() => undefined);
    const second = await openWorker(t, server, "second");
    await inTab(second, "proceed");

    const { state, result } = await outcome(server, id);
    assertEquals([state, result], ["done", { by: "second" }]);
    const { attempts, stalls } = await status(server, id);
    assertEquals([attempts, stalls], [1, 1]);
  });

  it("are given back by a page that is closed, before their lease runs out", async (t) => {
    const server = await serve(t, { slots: 0, leaseMs: LONG_MS });

    const id = await givenBack(t, server);

    assert(id, "no word of three pages that were closed arrived");
    const second = await openWorker(t, server, "second");
    await inTab(second, "proceed");
    assertEquals((await outcome(server, id)).result, { by: "second" });
    assertEquals((await status(server, id)).stalls, 0);
  });

  it("are given back or finished by a page that stops working", async (t) => {
    const server = await serve(t, { slots: 0, leaseMs: LONG_MS });
    const worker = await openWorker(t, server, "worker");
    const id = await submit(server, { kind: "steps" });
    await eventually("it is worked", async () => (await inTab(worker, "working")) === 1);

    const { value: given } = await inTab<Told<Drained>>(worker, "stopWork", 0);
    assertEquals(given.released, 1);
    assertEquals((await status(server, id)).state, "ready");
    await inTab(worker, "work", {}, ["steps"]);
    await eventually("it is worked again", async () => (await inTab(worker, "working")) === 1);
    const stopping = inTab<Told<unknown>>(worker, "stopWork", LONG_MS);
    await inTab(worker, "proceed");

    assertEquals((await stopping).value, { finished: 1, released: 0 });
    assertEquals((await status(server, id)).state, "done");
  });

  it("bring a page that was loaded again what it had submitted before", async (t) => {
    const server = await serve(t, { slots: 4 });
    const tab = await openTab(t, server, "tab");
    const length = 100_000;
    const request = { tool: "big", input: { length } };
    const { value: id } = await inTab<Told<string>>(tab, "submit", request);

    await tab.reload();
    await tab.waitForFunction("'tab' in globalThis");
    await inTab(tab, "join", { bootstrap: [server.address("ws")], store: t.name });
    await inTab(tab, "resume", id, server.peer);

    // Larger than what is told with a task.
    const { value } = await inTab<Told<{ text: string }>>(tab, "taskResult");
    assertEquals(value.text.length, length);
  });

  it("end for the page as they ended: with their error, or cancelled", async (t) => {
    const server = await serve(t, { slots: 4 });
    const tab = await openTab(t, server, "tab");
    const fails = { tool: "add", input: { a: "no" }, maxAttempts: 1 };
    await inTab(tab, "submit", fails);
    const failed = await inTab<Told<never>>(tab, "taskResult");
    assertMatch(failed.error?.message ?? "", /a/);

    await inTab(tab, "submit", { kind: "nobody" });
    await inTab(tab, "cancelTask");

    const cancelled = await inTab<Told<never>>(tab, "taskResult");
    assertEquals([cancelled.error?.code, cancelled.error?.message], ["cancelled", "enough"]);
  });

  it("are not for a page to work that may not, and it is told which rule is missing", async (t) => {
    const server = await startServer("node", {});
    t.after(() => server.kill());
    const tab = await openTab(t, server, "tab");

    const work = await inTab<Told<never>>(tab, "work", {});
    const submitted = await inTab<Told<never>>(tab, "submit", { tool: "add" });

    assertEquals(work.error?.code, "capability_missing", JSON.stringify(work));
    assertMatch(work.error?.message ?? "", /"worker" to a rule of mesh\.allow/);
    assertEquals(submitted.error?.code, "runtime_unavailable");
    assertMatch(submitted.error?.message ?? "", /mesh\.allow/);
    assert((await inTab<string[]>(tab, "troubles")).length === 0);
  });
});

interface Outcome {
  readonly state: string;
  readonly result?: unknown;
}

async function facts<T>(server: MeshServer, tool: string, input: object): Promise<T> {
  return (await server.call(`p2p_taskqueue_${tool}`, input)).structuredContent as T;
}

const submit = async (server: MeshServer, request: object): Promise<string> =>
  (await facts<TaskInfo>(server, "submit", request)).taskId;

const status = (server: MeshServer, taskId: string): Promise<TaskInfo> =>
  facts(server, "task_status", { taskId });

const outcome = (server: MeshServer, taskId: string): Promise<Outcome> =>
  facts(server, "get_result", { taskId, waitMs: 30_000 });

async function knows(server: MeshServer, tool: string): Promise<boolean> {
  const { structuredContent } = await server.call("list_tools", { query: tool });
  const { tools } = structuredContent as { tools: readonly { name: string; category: string }[] };
  return tools.some(({ name, category }) => name === tool && category.startsWith("peer:"));
}
