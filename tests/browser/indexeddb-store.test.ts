/** The store of pages, in a real Chromium: the test holds the suite, the tab the store. */

import { after, before, describe } from "node:test";
import type { Page } from "playwright-core";
import { errorOfReport } from "../../src/errors.ts";
import type { Entry, ScanOptions, Store, Write } from "../../src/storage/store.ts";
import { testStore } from "../contract/store.ts";
import { type Browser, inTab, startBrowser, type Told } from "../support/browser.ts";
import { pagesSkipped } from "../support/chromium.ts";

/** Bytes cross as numbers. */
interface WireEntry {
  readonly key: string;
  readonly value: readonly number[];
}

const bytesOf = (numbers: readonly number[]): Uint8Array => Uint8Array.from(numbers);

async function ask<T>(tab: Page, name: string, ...args: readonly unknown[]): Promise<T> {
  const { value, error } = await inTab<Told<T>>(tab, name, ...args);
  if (error) throw errorOfReport(error) ?? new Error(error.message);
  return value;
}

/** The store of this name in the tab. */
async function remoteStore(tab: Page, name: string): Promise<Store> {
  const id = await ask<number>(tab, "openStore", name);
  return {
    async get(key) {
      const value = await ask<readonly number[] | null>(tab, "storeGet", id, key);
      return value ? bytesOf(value) : undefined;
    },
    async *scan(options: ScanOptions): AsyncIterable<Entry> {
      const { limit, ...which } = options;
      const bound = limit === undefined || limit === Infinity ? {} : { limit };
      const scan = await ask<number>(tab, "storeScan", id, { ...which, ...bound });
      for (;;) {
        const entry = await ask<WireEntry | null>(tab, "storeNext", scan);
        if (!entry) return;
        yield { key: entry.key, value: bytesOf(entry.value) };
      }
    },
    write(writes: readonly Write[]) {
      const wire = writes.map(({ key, value }) => ({ key, ...(value && { value: [...value] }) }));
      return ask(tab, "storeWrite", id, wire);
    },
    close: () => ask(tab, "storeClose", id),
  };
}

describe("IndexedDB", { skip: pagesSkipped, timeout: 120_000 }, () => {
  let browser: Browser;
  let tab: Page;
  let opened = 0;
  before(async () => {
    browser = await startBrowser();
    tab = await browser.openTab();
  });
  after(() => browser?.close());

  testStore("the store of pages", {
    open() {
      opened += 1;
      return remoteStore(tab, `store-${opened}`);
    },
    reopen: () => remoteStore(tab, `store-${opened}`),
  });
});
