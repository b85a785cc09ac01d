/** The bundle for isolates in a real workerd. @module */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { Miniflare } from "miniflare";
import { buildAll } from "../../scripts/build.ts";
import { type Cleanup, createTempFolder } from "./temp-folder.ts";

/** A worker that answers at an address of this machine. */
export interface Worker {
  readonly url: URL;
  /** What it wrote to its console so far. */
  log(): string;
}

/** The text of the bundle. */
export async function buildEdge(t: Cleanup): Promise<string> {
  const folder = await createTempFolder(t);
  await buildAll(folder);
  return readFile(join(folder, "edge.js"), "utf8");
}

/** Start workerd with this script and these variables. */
export async function startWorker(
  t: Cleanup,
  script: string,
  bindings: Readonly<Record<string, string>>,
): Promise<Worker> {
  let log = "";
  const miniflare = new Miniflare({
    modules: true,
    script,
    // The first day on which every web API that the core uses is on by itself.
    compatibilityDate: "2025-09-01",
    bindings,
    handleRuntimeStdio(stdout: Readable, stderr: Readable) {
      for (const stream of [stdout, stderr]) {
        stream.on("data", (chunk: Buffer) => {
          log += chunk.toString();
        });
      }
    },
  });
  t.after(() => miniflare.dispose());
  return { url: await miniflare.ready, log: () => log };
}
