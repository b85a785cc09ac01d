/** Pictures of the demonstration, in files that stay. @module */

import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Report } from "./workflow.ts";

/** Writes a file of this name; gives an address that a browser opens. */
export type Keep = (name: string, bytes: string | Uint8Array) => Promise<string>;

/** A new folder, so that no file of somebody else is in the way. */
export async function createAlbum(): Promise<Keep> {
  const folder = await mkdtemp(join(tmpdir(), "mcpp-demo-pictures-"));
  return async (name, bytes) => {
    const path = join(folder, name);
    await writeFile(path, bytes);
    return pathToFileURL(path).href;
  };
}

const DATA_URL = "data:image/png;base64,";

/** Where a PNG tells its size: behind its mark, and the length and name of its first chunk. */
const SIZE_AT = 16;

/** The bytes of a chart; throws where they are no picture of the size that was told. */
export function chartOf({ png, width, height }: NonNullable<Report["chart"]>): Uint8Array {
  if (!png.startsWith(DATA_URL)) throw new Error("the page's chart is no PNG");
  const bytes = Buffer.from(png.slice(DATA_URL.length), "base64");
  const size = [bytes.readUInt32BE(SIZE_AT), bytes.readUInt32BE(SIZE_AT + 4)];
  if (size.join("×") === `${width}×${height}`) return bytes;
  throw new Error(`the page's chart is ${size.join("×")}, and not ${width}×${height}`);
}
