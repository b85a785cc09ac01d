/** {@link FileSystem} on `node:fs`, the same code on Node, Bun and Deno. @module */

import type { Stats } from "node:fs";
import { lstat, open, readdir, readlink, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import process from "node:process";
import type { ByteRange, FileInfo, FileSystem } from "../../src/host.ts";
import { writeAtomically } from "./atomic-write.ts";
import { explain, explained, folderError, ifPresent } from "./file-errors.ts";
import { watchFile } from "./watch-file.ts";

/** Large enough that the cost of a call does not show, small enough to hold many. */
const CHUNK_BYTES = 256 * 1024;

/** The files of this machine. */
export const processFiles: FileSystem = {
  stat: (path) => explained(path, async () => infoOf(await ifPresent(stat(path)))),
  realPath: (path) => explained(path, () => realPath(path)),
  list: (path) => explained(path, () => readdir(path)),
  read: (path, range) => explained(path, () => read(path, range)),
  write: (path, options) => explained(path, () => writeAtomically(path, options)),
  watch: watchFile,
};

function infoOf(found: Stats | undefined): FileInfo | undefined {
  if (!found) return undefined;
  const kind = found.isDirectory() ? "folder" : "file";
  const info = { kind, sizeBytes: found.size, modifiedAt: found.mtime } as const;
  // On Windows the bits say nothing about who may read.
  return process.platform === "win32" ? info : { ...info, mode: found.mode & 0o777 };
}

async function realPath(path: string): Promise<string> {
  const found = await ifPresent(realpath(path));
  if (found !== undefined) return found;
  const folder = await realpath(dirname(resolve(path)));
  const last = join(folder, basename(path));
  // A link to what does not exist yet: what counts is where a file would appear.
  const link = await ifPresent(lstat(last));
  return link?.isSymbolicLink() ? realPath(resolve(folder, await readlink(last))) : last;
}

async function read(
  path: string,
  { start: first, end }: ByteRange = { start: 0, end: Infinity },
): Promise<ReadableStream<Uint8Array>> {
  // POSIX opens a folder without complaint; the first read would fail far from the cause.
  if ((await stat(path)).isDirectory()) throw folderError(path);
  const handle = await open(path, "r");
  let position = first;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const wanted = Math.min(CHUNK_BYTES, end - position);
        const chunk = new Uint8Array(Math.max(0, wanted));
        const bytesRead =
          wanted > 0 ? (await handle.read(chunk, 0, wanted, position)).bytesRead : 0;
        position += bytesRead;
        if (bytesRead > 0) return controller.enqueue(chunk.subarray(0, bytesRead));
        await handle.close();
        controller.close();
      } catch (error) {
        await handle.close();
        throw explain(path, error);
      }
    },
    cancel: () => handle.close(),
  });
}
