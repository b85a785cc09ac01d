/** The example page in a headless Chromium, as a person would have it open. @module */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Page } from "playwright-core";
import { chromiumLaunch, pagesSkipped } from "../../tests/support/chromium.ts";
import { buildAll } from "../build.ts";
import { root } from "./processes.ts";
import type { DemoServer } from "./servers.ts";

/** A page that has joined. */
export interface DemoPage {
  /** Its id. */
  readonly peer: string;
  /** Time from opening the browser until the page was connected to every server, in ms. */
  readonly readyMs: number;
  /** Offer one of the tools that the page has. */
  offer(tool: string): Promise<void>;
  /** Choose a tool in the page's form, fill it in, and read what the page shows. */
  call(tool: string, fields: Readonly<Record<string, string>>): Promise<string>;
  /** Work tasks of the server that the page came from, once that lets it. */
  work(): Promise<void>;
  close(): Promise<void>;
}

/** Why there is no page; `undefined` where there can be one. */
export const noPage: string | undefined = pagesSkipped === false ? undefined : pagesSkipped;

/** Open the page that a server serves at `/join/`, and wait until it has met `peers` others. */
export async function openDemoPage({ url }: DemoServer, peers: number): Promise<DemoPage> {
  await buildAll(join(root, "dist"));
  const startedAt = performance.now();
  const profile = await mkdtemp(join(tmpdir(), "mcpp-demo-chromium-"));
  const browser = await chromium.launchPersistentContext(profile, chromiumLaunch);
  const page = await browser.newPage();
  const close = async (): Promise<void> => {
    await browser.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await page.goto(`${url}/join/`);
    await page
      .locator("#connections tr")
      .nth(peers - 1)
      .waitFor();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    peer: (await page.locator("#peer").textContent()) ?? "",
    readyMs: performance.now() - startedAt,
    work: () => tickWork(page),
    offer: (tool) => page.locator(`#offer-${tool}`).check(),
    call: (tool, fields) => callInForm(page, tool, fields),
    close,
  };
}

async function tickWork(page: Page): Promise<void> {
  await page.locator("#work").check();
  const said = page.locator("#worked", { hasText: /\w/ });
  await said.waitFor();
  const text = (await said.textContent()) ?? "";
  if (!text.startsWith("Working")) throw new Error(`the page does not work: ${text}`);
}

async function callInForm(
  page: Page,
  tool: string,
  fields: Readonly<Record<string, string>>,
): Promise<string> {
  const option = page.locator("#tool option", { hasText: tool }).first();
  await page.locator("#tool").selectOption((await option.getAttribute("value")) ?? "");
  for (const [name, value] of Object.entries(fields)) {
    await page.locator(`#fields [name="${name}"]`).fill(value);
  }
  await page.locator("#caller button[type=submit]").click();
  // Until the answer is there, the page shows an ellipsis.
  const result = page.locator("#result", { hasText: /\w/ });
  await result.waitFor();
  return (await result.textContent()) ?? "";
}
