/** The package as somebody has it who installed it: built, in a `node_modules` of its own. @module */

import { spawnSync } from "node:child_process";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import { buildAll } from "../../scripts/build.ts";
import { type Cleanup, createTempFolder } from "./temp-folder.ts";

/** The checkout. */
export const root: string = join(import.meta.dirname, "../..");

/** The three hosts, as words before a script. */
export const hosts: Readonly<Record<"node" | "bun" | "deno", readonly string[]>> = {
  node: [join(root, "node_modules/.bin/node")],
  bun: [join(root, "node_modules/.bin/bun"), "run"],
  deno: [join(root, "node_modules/.bin/deno"), "run", "-A", "--no-check", "--quiet"],
};

/** A folder whose `node_modules` holds the built package. */
export interface Installed {
  readonly folder: string;
  /** The package's own `dist`. */
  readonly dist: string;
  readonly files: ReadonlyMap<string, number>;
}

/** Build the package into a folder of its own, beside the packages that it depends on. */
export async function installPackage(t: Cleanup): Promise<Installed> {
  const folder = await createTempFolder(t);
  const home = join(folder, "node_modules/mcplusplus");
  const dist = join(home, "dist");
  const files = await buildAll(dist);
  const manifest = await readFile(join(root, "package.json"), "utf8");
  await writeFile(join(home, "package.json"), manifest);
  // Deno looks into `node_modules` only where there is a package.json beside it.
  await writeFile(join(folder, "package.json"), '{"type":"module"}');
  const { dependencies } = JSON.parse(manifest) as { dependencies: Record<string, string> };
  for (const name of Object.keys(dependencies)) {
    const link = join(folder, "node_modules", name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(join(root, "node_modules", name), link);
  }
  return { folder, dist, files };
}

/** Run a program to its end. */
export function run(
  words: readonly string[],
  options: { readonly cwd: string; readonly input?: string },
): { readonly code: number | null; readonly stdout: string; readonly stderr: string } {
  const [file = "", ...args] = words;
  const env = { PATH: process.env.PATH ?? "", HOME: options.cwd, XDG_DATA_HOME: options.cwd };
  const { status, stdout, stderr } = spawnSync(file, args, {
    ...options,
    env,
    encoding: "utf8",
    timeout: 60_000,
  });
  return { code: status, stdout, stderr };
}
