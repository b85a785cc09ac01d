/** The files of the page at `/join`, wherever this module came to lie. @module */

import { readFile } from "node:fs/promises";

/** From `runtimes/shared` itself, and from the bundles in `dist` and `dist/bin`, with their chunks. */
const FOLDERS = ["../../dist/browser/", "./browser/", "../browser/", "../../browser/"];

const isAbsent = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ENOENT";

/** A file of the page; `undefined` where `npm run build` did not make it. */
export async function readPage(name: string): Promise<Uint8Array | undefined> {
  for (const folder of FOLDERS) {
    try {
      return await readFile(new URL(folder + name, import.meta.url));
    } catch (error) {
      if (!isAbsent(error)) throw error;
    }
  }
  return undefined;
}
