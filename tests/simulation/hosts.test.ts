/** The three hosts make the same of a seed: what fails on one can be looked at on another. @module */

import { execFile } from "node:child_process";
import { join } from "node:path";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { assert, assertEquals } from "@std/assert";

const ROOT = join(import.meta.dirname, "..", "..");
const HOSTS: readonly (readonly string[])[] = [
  ["node"],
  ["bun"],
  ["deno", "run", "-A", "--no-check"],
];
/** Seeds of each suite that are compared. */
const SEEDS: Readonly<Record<string, number>> = { queue: 40, workflow: 25, positions: 1 };

/** What `run.ts` says of a few seeds. */
async function runOn([host = "", ...flags]: readonly string[], suite: string): Promise<string> {
  const file = join(ROOT, "node_modules", ".bin", host);
  const seeds = ["--suite", suite, "--seeds", String(SEEDS[suite])];
  const args = [...flags, "tests/simulation/run.ts", ...seeds, "--threads", "1"];
  const { stdout } = await promisify(execFile)(file, args, { cwd: ROOT, timeout: 60_000 });
  return stdout;
}

describe("the simulations' runner", () => {
  for (const suite of Object.keys(SEEDS)) {
    it(`comes to the same on Node, Bun and Deno: ${suite}`, { timeout: 120_000 }, async () => {
      const said = await Promise.all(HOSTS.map((host) => runOn(host, suite)));

      // All but the first line, which tells the time.
      const [first = [], ...others] = said.map((text) => text.split("\n").slice(1));
      assert(
        first.some((line) => line.startsWith("digest ")),
        said[0],
      );
      assert(first.includes("no violation"), said[0]);
      for (const other of others) assertEquals(other, first);
    });
  }
});
