/** The queue's store of pages, on OPFS in a real Chromium: the suite itself runs in the page's worker. */

import { after, before, describe, it, type TestContext } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Page } from "playwright-core";
import type { StoreFacts } from "../../src/queue/queue-store.ts";
import { pagesSkipped } from "../support/chromium.ts";
import { inWorker, type OpfsPages, startOpfsPages } from "../support/opfs-page.ts";

describe("a queue in a page, on OPFS", { skip: pagesSkipped, timeout: 180_000 }, () => {
  let pages: OpfsPages;
  before(async () => {
    pages = await startOpfsPages();
  });
  after(() => pages?.close());

  async function openPage(t: TestContext): Promise<Page> {
    const page = await pages.open();
    t.after(() => page.close());
    return page;
  }

  it("passes the suite of all stores", async (t) => {
    const page = await openPage(t);
    const { value: names } = await inWorker<readonly string[]>(page, "names");
    assert(names.length > 25, `only ${names.length} tests were found`);
    for (const name of names) {
      await t.test(name, async () => {
        const { error, stack } = await inWorker<void>(page, "run", name);
        if (error) throw new Error(stack ?? error.message);
      });
    }
  });

  it("is there still when the page is loaded again, in the middle of its work", async (t) => {
    const page = await openPage(t);
    assertEquals((await inWorker(page, "open", "reloaded")).value, 1);
    for (const id of ["runs", "waits"]) await inWorker(page, "submit", id);
    assertEquals((await inWorker(page, "take")).value, "runs");

    await page.reload();
    await page.waitForFunction("'ask' in globalThis");

    assertEquals((await inWorker(page, "open", "reloaded")).value, 2);
    const { value: states } = await inWorker(page, "states");
    assertEquals(states, [
      ["waits", "ready"],
      ["runs", "leased"],
    ]);
  });

  it("is there still when the page crashed", async (t) => {
    const crashing = await pages.open();
    await inWorker(crashing, "open", "crashed");
    assertEquals((await inWorker(crashing, "submit", "a")).value, "ready");
    const session = await crashing.context().newCDPSession(crashing);
    session.send("Page.crash").catch(() => undefined);

    const page = await openPage(t);

    assertEquals((await inWorker(page, "open", "crashed")).value, 2);
    assertEquals((await inWorker(page, "states")).value, [["a", "ready"]]);
  });

  it("is one tab's at a time, and the next one's when that has closed it", async (t) => {
    const [first, second] = [await openPage(t), await openPage(t)];
    await inWorker(first, "open", "one");

    const { error } = await inWorker(second, "open", "one");
    await inWorker(first, "close");

    assertEquals(error?.code, "data_locked");
    assertMatch(error?.message ?? "", /Another tab of this site has the queue "one"/);
    assertEquals((await inWorker(second, "open", "one")).value, 2);
  });

  it("says what makes it durable", async (t) => {
    const page = await openPage(t);
    await inWorker(page, "open", "facts");
    await inWorker(page, "submit", "a");

    const { value } = await inWorker<StoreFacts>(page, "facts");

    assertMatch(value.durability, /^sqlite on OPFS: WAL, synchronous=FULL, group commit/);
    assert((value.sizeBytes ?? 0) > 0);
    assert((value.lastCommitMs ?? -1) >= 0);
  });

  it("is a page's own: it submits, works, and finds its tasks when it is loaded again", async (t) => {
    const page = await openPage(t);
    await page.evaluate(`(async () => {
      globalThis.queue = await openQueue({ name: "own" });
      globalThis.first = await queue.submit({ kind: "double", input: { n: 21 } });
      globalThis.asks = await queue.submit({ tool: "far", input: { n: 1 } });
    })()`);
    await page.reload();
    await page.waitForFunction("'ask' in globalThis");

    const { listed, twice, called, failed } = await page.evaluate<OwnQueueFacts>(`(async () => {
      const queue = await openQueue({ name: "own" });
      const listed = await queue.list();
      const seen = [];
      const call = async (tool, input) => ({ content: [], structuredContent: { tool, ...input } });
      const double = ({ n }, { progress }) => {
        progress(1, 1);
        if (n < 0) throw new Error("n is negative");
        return { twice: 2 * n };
      };
      queue.work({ kinds: { double }, tools: ["far"], call });
      const of = (kind) => queue.task(listed.find((task) => task.kind === kind).taskId);
      const twice = await of("double").result();
      const called = await of("tool").result();
      const bad = await queue.submit({ kind: "double", input: { n: -1 }, maxAttempts: 1 });
      const failed = await bad.result().catch(({ message }) => message);
      await queue.close();
      return { listed, twice, called, failed };
    })()`);

    assertEquals(
      listed.map(({ kind, state }) => [kind, state]),
      [
        ["tool", "ready"],
        ["double", "ready"],
      ],
    );
    assertEquals([twice, called], [{ twice: 42 }, { tool: "far", n: 1 }]);
    assertEquals(failed, "n is negative");
  });

  it("refuses a name that is none", async (t) => {
    const page = await openPage(t);

    const said = await page.evaluate("openQueue({ name: 'a/b' }).catch(({ message }) => message)");

    assertMatch(String(said), /"a\/b" is no name of a queue/);
  });
});

interface OwnQueueFacts {
  readonly listed: readonly { readonly kind: string; readonly state: string }[];
  readonly twice: unknown;
  readonly called: unknown;
  readonly failed: string;
}
