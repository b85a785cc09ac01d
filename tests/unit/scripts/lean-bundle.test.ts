import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { LOG_STATEMENT } from "../../../scripts/lean-bundle.ts";
import { ROOT } from "../../support/source-files.ts";

/** The modules of libp2p that a page may have. */
async function modules(): Promise<readonly string[]> {
  const scope = join(ROOT, "node_modules/@libp2p");
  const packages = (await readdir(scope)).map((name) => join(scope, name));
  const folders = [...packages, join(ROOT, "node_modules/libp2p")];
  const found = await Promise.all(
    folders.map(async (folder) => {
      const dist = join(folder, "dist/src");
      const files = await readdir(dist, { recursive: true }).catch(() => []);
      return files.filter((file) => file.endsWith(".js")).map((file) => join(dist, file));
    }),
  );
  return found.flat();
}

/** What may stand on the line above a statement that can go: an end, a beginning, or a comment. */
const MAY_PRECEDE = /[{};]$|^$|^\/\/|\*\/$|\/\/ .*$|^(case .*|default):$/;

/** What does more than log, once texts are taken out: it waits, or changes something. */
const DOES_MORE = /\bawait\b|\+\+|--|(?<![=!<>])=(?![=>])/;

describe("the statements that are left out of pages", () => {
  it("are whole ones, and do nothing but log", async () => {
    let left = 0;
    for (const path of await modules()) {
      const lines = (await readFile(path, "utf8")).split("\n");
      for (const [at, line] of lines.entries()) {
        if (line.replace(LOG_STATEMENT, "") === line) continue;
        left += 1;
        const where = `${path}:${at + 1} ${line.trim()}`;
        assert(MAY_PRECEDE.test((lines[at - 1] ?? "").trim()), where);
        assert(!DOES_MORE.test(line.replaceAll(/'[^']*'|`[^`]*`/g, "")), where);
      }
    }
    assert(left > 400, `only ${left} were found`);
  });

  it("are those of a logger, in any of its forms", () => {
    const gone = [
      "    this.log('%s', peer);",
      "    this.log.error('failed - %e', err);",
      "  this.#log?.trace?.('x');",
      "log.trace('a; b');",
      "    connection?.log('x');",
    ];
    const kept = ["    const log = this.log('x');", "    return this.log('x');", "catalog('x');"];
    assertEquals(
      gone.map((line) => line.replace(LOG_STATEMENT, "")),
      gone.map(() => ""),
    );
    assertEquals(
      kept.map((line) => line.replace(LOG_STATEMENT, "")),
      kept,
    );
  });
});
