/**
 * Pages of a real Chromium with `opfs-worker.ts` in a dedicated worker, and with `openQueue` of
 * `mcplusplus/browser/queue` as a global.
 *
 * @module
 */

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { build } from "esbuild";
import { chromium, type Page } from "playwright-core";
import { queueBuild, SQLITE_WASM } from "../../scripts/build.ts";
import type { ErrorReport } from "../../src/errors.ts";
import { chromiumLaunch } from "./chromium.ts";
import { ROOT } from "./source-files.ts";

const PAGE = `<!doctype html><title>queue</title><script type="module">
  import { openQueue } from "/queue.js";
  globalThis.openQueue = openQueue;
  const worker = new Worker("/worker.js", { type: "module" });
  const waiting = new Map();
  worker.onmessage = ({ data: [id, answer] }) => waiting.get(id)(answer);
  globalThis.ask = (...request) => new Promise((resolve) => {
    const id = waiting.size;
    waiting.set(id, resolve);
    worker.postMessage([id, ...request]);
  });
</script>`;

/** Pages of one origin. */
export interface OpfsPages {
  open(): Promise<Page>;
  close(): Promise<void>;
}

/** Start Chromium with a profile of its own. */
export async function startOpfsPages(): Promise<OpfsPages> {
  const stand = join(ROOT, "tests/support/page-test.ts");
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: ["tests/support/opfs-worker.ts"],
    bundle: true,
    format: "esm",
    platform: "browser",
    alias: { "node:test": stand, "node:assert/strict": stand },
    write: false,
    logLevel: "error",
  });
  const product = { ...queueBuild, sourcemap: false, write: false, outdir: "/" } as const;
  const { outputFiles: built = [] } = await build(product);
  const files = new Map<string, readonly [type: string, content: string | Uint8Array]>([
    ["/worker.js", ["text/javascript", outputFiles[0]?.text ?? ""]],
    ...built.map(({ path, text }) => [`/${basename(path)}`, ["text/javascript", text]] as const),
    ["/sqlite3.wasm", ["application/wasm", await readFile(SQLITE_WASM)]],
  ]);
  const server = createServer(({ url = "" }, response) => {
    const [type, content] = files.get(url) ?? ["text/html", PAGE];
    response.setHeader("content-type", type).end(content);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const profile = await mkdtemp(join(tmpdir(), "mcpp-chromium-"));
  const context = await chromium.launchPersistentContext(profile, chromiumLaunch);
  return {
    async open() {
      const page = await context.newPage();
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
      await page.waitForFunction("'ask' in globalThis");
      return page;
    },
    async close() {
      await context.close();
      server.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** What a function of the worker gave. */
export interface Answer<T> {
  readonly value: T;
  readonly error?: ErrorReport;
  readonly stack?: string;
}

/** Call a function of `opfs-worker.ts`. */
export function inWorker<T>(page: Page, ...request: readonly unknown[]): Promise<Answer<T>> {
  return page.evaluate(`ask(...${JSON.stringify(request)})`);
}
