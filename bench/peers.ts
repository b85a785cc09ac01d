/** Installs on demand what the benchmarks measure beside mcplusplus. @module */

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { UnavailableError } from "../src/errors.ts";

/** Where the peers' own package.json, lock file and servers are. */
export const peersFolder: string = join(import.meta.dirname, "peers");

/** Run `npm ci` in `folder` once; later calls find it done. */
export function installPeers(folder: string, flags: readonly string[] = []): void {
  if (existsSync(join(folder, "node_modules", ".package-lock.json"))) return;
  console.error(`Installing ${folder} once (npm ci); the product does not depend on it …`);
  const { status } = spawnSync("npm", ["ci", "--no-audit", "--no-fund", ...flags], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (status !== 0) {
    throw new UnavailableError("runtime_unavailable", `npm ci in ${folder} ended with ${status}`);
  }
}
