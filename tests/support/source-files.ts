/** The source files of this project and what they import, for tests of its architecture. @module */

import { readdir, readFile } from "node:fs/promises";
import { join, posix, relative } from "node:path";

/** The folder of the project. */
export const ROOT: string = join(import.meta.dirname, "..", "..");

/** A file by its path inside the project, with its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** The TypeScript files under a folder of the project. */
export async function sourceFiles(folder: string): Promise<readonly SourceFile[]> {
  const entries = await readdir(join(ROOT, folder), { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map(({ parentPath, name }) => relative(ROOT, join(parentPath, name)).replaceAll("\\", "/"))
    .toSorted();
  return Promise.all(
    paths.map(async (path) => ({ path, text: await readFile(join(ROOT, path), "utf8") })),
  );
}

/** `import … from "x"`, `export … from "x"`, `import "x"`, not in comments. */
const STATIC = /^(?:import|export)\b(?:[^;"'=(]*\bfrom)?\s*["']([^"'\n]+)["']/gm;
/** `import("x")`, as a value and in types. */
const DYNAMIC = /\bimport\(\s*["']([^"'\n]+)["']/g;

/** What a file imports: paths inside the project for its own files, names for all else. */
export function importsOf({ path, text }: SourceFile): readonly string[] {
  const found = [...text.matchAll(STATIC), ...text.matchAll(DYNAMIC)].map(([, name = ""]) => name);
  return found.map((name) =>
    name.startsWith(".") ? posix.normalize(posix.join(posix.dirname(path), name)) : name,
  );
}

/** How many lines a file has. */
export const linesIn = ({ text }: SourceFile): number => text.split("\n").length - 1;
