/** A folder of a test's own, gone when the test is over. @module */

import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What registers a clean-up: a test's context, or `{ after }` of `node:test`. */
export interface Cleanup {
  after(clean: () => Promise<void>): void;
}

/** Make an empty folder; its path holds no symbolic links. */
export async function createTempFolder(t: Cleanup): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "mcpp-")));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
