/** A file that appears under its name whole, or not at all. @module */

import { type FileHandle, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import process from "node:process";
import type { WriteOptions } from "../../src/host.ts";
import { explain, folderError, ifPresent } from "./file-errors.ts";

/**
 * Write to a temporary file beside `path`; closing puts it on the disk and gives it the name.
 *
 * Folders above are made. A file that is replaced keeps its permissions, unless it is to be private.
 */
export async function writeAtomically(
  path: string,
  { isPrivate }: WriteOptions = { isPrivate: false },
): Promise<WritableStream<Uint8Array>> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const known = await ifPresent(stat(path));
  if (known?.isDirectory()) throw folderError(path);
  const temporary = join(folder, `.${basename(path)}.${crypto.randomUUID()}.tmp`);
  const mode = known ? known.mode & 0o777 : 0o666;
  const handle = await open(temporary, "wx", isPrivate ? 0o600 : mode);
  let isOpen = true;
  const closeHandle = async (): Promise<void> => {
    if (isOpen) await handle.close();
    isOpen = false;
  };
  const discard = async (): Promise<void> => {
    await closeHandle();
    await rm(temporary, { force: true });
  };
  const orDiscard = async (step: () => Promise<void>): Promise<void> => {
    try {
      await step();
    } catch (error) {
      // The sink of a stream that failed by itself is never told to abort.
      await discard();
      throw explain(path, error);
    }
  };
  return new WritableStream<Uint8Array>({
    write: (chunk) => orDiscard(() => writeAll(handle, chunk)),
    close: () =>
      orDiscard(async () => {
        await handle.sync();
        await closeHandle();
        await rename(temporary, path);
        await syncFolder(folder);
      }),
    abort: discard,
  });
}

async function writeAll(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let done = 0; done < chunk.byteLength; ) {
    done += (await handle.write(chunk, done, chunk.byteLength - done)).bytesWritten;
  }
}

/** Put the new name on the disk too; Windows has no such step and refuses to open a folder. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
