/**
 * `npm run binaries`: `mcpp` as one file that needs nothing installed, in `dist/bin/`.
 *
 * Bun compiles the sources and needs nothing else. Deno compiles the bundle (from sources it would
 * take `node_modules` along), and downloads its runtime first; where it cannot, there is no
 * `mcpp-deno` and a sentence says why.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

const root = join(import.meta.dirname, "..");

function run(tool: string, args: readonly string[]): { ok: boolean; said: string } {
  const file = join(root, "node_modules/.bin", tool);
  const { status, stdout, stderr } = spawnSync(file, args, { cwd: root, encoding: "utf8" });
  return { ok: status === 0, said: `${stdout}${stderr}`.trim() };
}

/** Write `mcpp-bun` into `folder`. */
export function compileWithBun(folder: string): string {
  const file = join(folder, "mcpp-bun");
  const { ok, said } = run("bun", ["build", "--compile", "--outfile", file, "runtimes/main.ts"]);
  if (!ok) throw new Error(`bun build --compile failed:\n${said}`);
  return file;
}

/** Write `mcpp-deno` into `folder`, from the bundle that is there; `undefined` without a network. */
export function compileWithDeno(folder: string): string | undefined {
  const bundle = join(folder, "main.js");
  if (!existsSync(bundle)) throw new Error(`There is no ${bundle} to compile: npm run build first`);
  const file = join(folder, "mcpp-deno");
  const { ok, said } = run("deno", [
    ...["compile", "-A", "--no-check", "--include", join(folder, "chunks")],
    ...["--output", file, bundle],
  ]);
  if (ok) return file;
  if (/dns error|denort|error sending request/i.test(said)) return undefined;
  throw new Error(`deno compile failed:\n${said}`);
}

if (import.meta.main) {
  const folder = process.argv[2] ?? join(root, "dist/bin");
  console.log(compileWithBun(folder));
  console.log(
    compileWithDeno(folder) ??
      "No mcpp-deno: deno compile downloads its runtime (denort) and could not reach dl.deno.land",
  );
}
