/** A whole app in one process: memory store, the fixtures as its catalog, no socket. @module */

import { createApp } from "../../src/app.ts";
import type { App, AppHost } from "../../src/app-types.ts";
import { loadConfig } from "../../src/config/load.ts";
import type { Category } from "../../src/registry/category.ts";
import { createFixtures, type Fixtures, grownCategory } from "./fixtures.ts";

/** What a test may choose. */
export interface HarnessOptions {
  /** As a configuration file would say it. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Beside the fixtures. */
  readonly categories?: readonly Category[];
  /** Files, which a host must have to keep tasks; the store is in memory all the same. */
  readonly files?: AppHost["files"];
}

/** A running app, and what a test sees of it. */
export interface Harness {
  readonly app: App;
  readonly fixtures: Fixtures;
  readonly logLines: readonly string[];
}

/** Whoever ends things when a test is over. */
export interface Cleanup {
  after(clean: () => Promise<void>): void;
}

/** An app that ends with the test. */
export async function openHarness(t: Cleanup, options: HarnessOptions = {}): Promise<Harness> {
  const fixtures = createFixtures();
  const logLines: string[] = [];
  const loaded = await loadConfig({
    file: { path: "/test/mcpp.json", text: JSON.stringify(options.config ?? {}) },
    environment: {},
    flags: [],
    dataHome: "/test/data",
    workingFolder: "/test",
  });
  const app = await createApp({
    ...loaded,
    host: {
      name: "node",
      environment: () => ({}),
      workingFolder: "/test",
      ...(options.files && { files: options.files }),
      terminal: { printError: async (line) => void logLines.push(line) },
    },
    catalog: [...fixtures.categories, ...(options.categories ?? [])],
  });
  fixtures.grow = () => app.registry.put(grownCategory);
  t.after(() => app.stop());
  return { app, fixtures, logLines };
}
