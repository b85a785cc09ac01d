/** What a tool's handler gets in tests: real files in a folder of its own, a real cache, a still clock. @module */

import { processFiles } from "../../runtimes/shared/files.ts";
import { localCaller } from "../../src/registry/caller.ts";
import type { Admin, Monitor, ToolContext } from "../../src/registry/context.ts";
import type { Tool } from "../../src/registry/definition.ts";
import type { Peers } from "../../src/registry/peers.ts";
import type { Tasks } from "../../src/registry/tasks.ts";
import type { Workflows } from "../../src/registry/workflows.ts";
import { createCache } from "../../src/storage/cache.ts";
import type { CacheLimits } from "../../src/storage/cache-index.ts";
import { createMemoryStore } from "../../src/storage/memory-store.ts";
import { createRootedFiles } from "../../src/storage/rooted-files.ts";
import { createFakeClock, type FakeClock } from "./fake-clock.ts";
import { type Cleanup, createTempFolder } from "./temp-folder.ts";

/** What a test may bring of its own. */
export interface ToolContextOptions extends Partial<ToolContext> {
  readonly cacheLimits?: CacheLimits;
}

/** One `progress` of a handler. */
export interface ProgressReport {
  readonly done: number;
  readonly total: number | undefined;
}

/** A context, and what a test looks at beside it. */
export interface ToolScene {
  readonly context: ToolContext;
  readonly clock: FakeClock;
  /** The one root of `context.files`. */
  readonly folder: string;
  readonly reports: readonly ProgressReport[];
  /** Parse the input as a server would, run the tool, and give its structured content. */
  run(tool: Tool, input: Readonly<Record<string, unknown>>): Promise<unknown>;
}

/** A service that the test did not bring. */
function absent<T extends object>(name: string): T {
  return new Proxy({} as T, {
    get: () => {
      throw new Error(`This tool uses ${name}: give one to createToolScene`);
    },
  });
}

/** Everything a handler needs; `options` replaces parts. */
export async function createToolScene(
  t: Cleanup,
  options: ToolContextOptions = {},
): Promise<ToolScene> {
  const { cacheLimits = { maxEntries: 100, maxSizeBytes: 100_000 }, ...parts } = options;
  const clock = createFakeClock();
  const folder = await createTempFolder(t);
  const reports: ProgressReport[] = [];
  const context: ToolContext = {
    files: createRootedFiles(processFiles, [folder]),
    cache: await createCache({ store: createMemoryStore(), now: clock.now, limits: cacheLimits }),
    monitor: absent<Monitor>("monitor"),
    admin: absent<Admin>("admin"),
    peers: absent<Peers>("peers"),
    tasks: absent<Tasks>("tasks"),
    workflows: absent<Workflows>("workflows"),
    signal: new AbortController().signal,
    caller: localCaller,
    client: {},
    inputResponses: undefined,
    requestState: undefined,
    progress: (done, total) => reports.push({ done, total }),
    log: () => {},
    ...parts,
  };
  return {
    context,
    clock,
    folder,
    reports,
    run: async (tool, input) => (await tool.run(tool.parse(input), context)).structuredContent,
  };
}
