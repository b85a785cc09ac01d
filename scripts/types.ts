/** `npm run types`: declarations of what is published, in `dist/types/`. @module */

import { spawnSync } from "node:child_process";
import { readdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";

const root = join(import.meta.dirname, "..");

/** What `exports` of package.json names under `types`, without its folder. */
const entries = [
  "runtimes/lib.d.ts",
  "runtimes/browser.d.ts",
  "runtimes/edge.d.ts",
  "src/tool.d.ts",
];

/** Every declaration that the entries reach. */
async function reachable(folder: string): Promise<ReadonlySet<string>> {
  const found = new Set(entries.map((entry) => join(folder, entry)));
  // A set that grows while it is walked is walked to its end.
  for (const file of found) {
    const text = await readFile(file, "utf8");
    for (const [, path = ""] of text.matchAll(/(?:from |import\()"(\.[^"]+)\.ts"/g)) {
      found.add(join(dirname(file), `${path}.d.ts`));
    }
  }
  return found;
}

/** Write the declarations into `folder` and leave out those that nobody can ask for. */
export async function emitTypes(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  const tsc = join(root, "node_modules/.bin/tsc");
  const args = ["-p", "tsconfig.types.json", "--outDir", folder];
  const { stdout, status } = spawnSync(tsc, args, { cwd: root, encoding: "utf8" });
  if (status !== 0) throw new Error(`tsc ended with ${status}:\n${stdout}`);
  const wanted = await reachable(folder);
  for (const name of await readdir(folder, { recursive: true })) {
    const file = join(folder, name);
    if (name.endsWith(".d.ts") && !wanted.has(file)) await rm(file);
  }
  console.log(`${wanted.size} declarations in ${folder}`);
}

if (import.meta.main) await emitTypes(process.argv[2] ?? join(root, "dist/types"));
