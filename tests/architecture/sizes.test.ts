import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { linesIn, ROOT, sourceFiles } from "../support/source-files.ts";

/** Lines that a file of a folder may have; the first row that fits counts. */
const caps: readonly (readonly [folder: string, pattern: RegExp, lines: number])[] = [
  ["src", /^src\//, 250],
  ["tools", /^tools\//, 150],
  ["runtimes", /^runtimes\/[^/]+$/, 60],
  ["runtimes", /^runtimes\/shared\//, 150],
  ["tests", /^tests\/.*\.test\.ts$/, 400],
];

/** Files over their cap, with the lines that they have now: a number may only become smaller. */
const exceptions: Readonly<Record<string, number>> = {
  "runtimes/lib.ts": 66,
  "runtimes/shared/sqlite-store.ts": 172,
};

describe("files", () => {
  it("are no longer than their folder allows", async () => {
    const long: Record<string, number> = {};
    for (const folder of new Set(caps.map(([name]) => name))) {
      for (const file of await sourceFiles(folder)) {
        const cap = caps.find(([, pattern]) => pattern.test(file.path))?.[2];
        if (cap !== undefined && linesIn(file) > cap) long[file.path] = linesIn(file);
      }
    }

    const grown = Object.entries(long).filter(([path, lines]) => lines > (exceptions[path] ?? 0));
    assertEquals(Object.fromEntries(grown), {}, "over the cap: split by reason to change");
    const settled = Object.keys(exceptions).filter((path) => !(path in long));
    assertEquals(settled, [], "these are within their cap: take them out of the exceptions");
  });

  it("of src are short in the middle", async () => {
    const lengths = (await sourceFiles("src")).map(linesIn).toSorted((a, b) => a - b);
    const median = lengths[Math.floor(lengths.length / 2)] ?? 0;

    assert(median <= 100, `the median is ${median}`);
  });

  it("for readers can be read in one sitting", async () => {
    for (const [path, cap] of [
      ["README.md", 150],
      ["docs/architecture.md", 300],
    ] as const) {
      const text = await readFile(join(ROOT, path), "utf8");
      const lines = text.split("\n").length - 1;
      assert(lines <= cap, `${path} has ${lines} lines`);
    }
  });

  it("of src say in their first comment what they are for", async () => {
    const silent = (await sourceFiles("src")).filter(({ text }) => {
      const comment = /^\/\*\*[\s\S]*?\*\//.exec(text)?.[0] ?? "";
      return !comment.includes("@module");
    });

    assertEquals(
      silent.map(({ path }) => path),
      [],
    );
  });
});
