/** A real Chromium for tests of pages. @module */

import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { chromium, type Page } from "playwright-core";
import { ROOT } from "./source-files.ts";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

const EXECUTABLE = PLACES.find((place) => existsSync(place));

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // A name of this machine that is no secure context.
  "--host-resolver-rules=MAP page.test 127.0.0.1",
  "--disable-features=WebRtcHideLocalIpsWithMdns",
];

/** How Chromium is started. */
export const chromiumLaunch: NonNullable<Parameters<typeof chromium.launchPersistentContext>[1]> = {
  ...(EXECUTABLE === undefined ? {} : { executablePath: EXECUTABLE }),
  headless: true,
  args: FLAGS,
};

/** Why tests of pages are skipped here; false where they are not. */
export const pagesSkipped: string | false =
  EXECUTABLE === undefined && `no Chromium at ${PLACES.join(", ")}: apt-get install chromium`;

// Not every runner of tests tells why it skips.
if (pagesSkipped) console.log(`Tests of pages are skipped: ${pagesSkipped}`);

/** An empty page of this machine that has run a script, given as a file of the project. */
export async function openPage(script: string): Promise<{ page: Page; close(): Promise<void> }> {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: [script],
    bundle: true,
    format: "esm",
    platform: "browser",
    write: false,
    logLevel: "silent",
  });
  const server = createServer((_, response) => {
    response.setHeader("content-type", "text/html").end("<!doctype html><title>peer</title>");
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const profile = await mkdtemp(join(tmpdir(), "mcpp-chromium-"));
  const browser = await chromium.launchPersistentContext(profile, chromiumLaunch);
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await page.addScriptTag({ content: outputFiles[0]?.text ?? "", type: "module" });
  return {
    page,
    async close() {
      await browser.close();
      server.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
