import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { importsOf, sourceFiles } from "../support/source-files.ts";
import { layers } from "./layers.ts";

const rows = Object.keys(layers);

/** The row of a file: the longest that fits. */
function rowOf(path: string): string | undefined {
  return rows
    .filter((row) => path === row || path.startsWith(`${row}/`))
    .toSorted((a, b) => b.length - a.length)[0];
}

/** `@scope/name/sub` → `@scope/name`. */
const packageOf = (name: string): string => name.split("/", name.startsWith("@") ? 2 : 1).join("/");

const isHostModule = (name: string): boolean => /^(node|bun|deno):|^#host$/.test(name);

const files = [
  ...(await sourceFiles("src")),
  ...(await sourceFiles("tools")),
  ...(await sourceFiles("runtimes")),
];

describe("the table of layers", () => {
  it("has arrows in one direction only", () => {
    for (const [at, row] of rows.entries()) {
      const upward = layers[row]?.imports.filter((other) => !rows.slice(0, at).includes(other));
      assertEquals(upward, [], `${row} may import only rows that stand above it`);
    }
  });

  it("has a row for every file, and no row without one", () => {
    const used = new Set(files.map(({ path }) => rowOf(path) ?? `no row for ${path}`));

    assertEquals([...used].toSorted(), rows.toSorted());
  });

  it("allows no more than what is used", () => {
    const unused = rows.flatMap((row) => {
      const own = files.filter(({ path }) => rowOf(path) === row).flatMap(importsOf);
      const used = new Set([...own.map(rowOf), ...own.map(packageOf)]);
      const { imports = [], packages = [] } = layers[row] ?? {};
      const idle = [...imports, ...packages].filter((allowed) => !used.has(allowed));
      return idle.map((allowed) => `${row} → ${allowed}`);
    });

    assertEquals(unused, []);
  });
});

function mayImport(row: string, name: string): boolean {
  const { imports = [], packages = [] } = layers[row] ?? {};
  if (isHostModule(name)) return row === "runtimes";
  const other = rowOf(name);
  if (other === undefined) return packages.includes(packageOf(name));
  return other === row || imports.includes(other);
}

describe("every source file", () => {
  it("imports only what its row allows", () => {
    const broken = files.flatMap((file) => {
      const row = rowOf(file.path) ?? "";
      const strangers = importsOf(file).filter((name) => !mayImport(row, name));
      return strangers.map((name) => `${file.path} → ${name}`);
    });

    assertEquals(broken, []);
  });

  it("of a category of tools keeps to its own folder", () => {
    const broken = files.flatMap((file) => {
      const [root, category, name] = file.path.split("/");
      if (root !== "tools" || name === undefined) return [];
      const others = importsOf(file).filter(
        (path) => path.startsWith("tools/") && !path.startsWith(`tools/${category}/`),
      );
      return others.map((other) => `${file.path} → ${other}`);
    });

    assertEquals(broken, []);
  });

  it("outside runtimes/ names no host's modules or globals", () => {
    const neutral = files.filter(({ path }) => !path.startsWith("runtimes/"));
    assert(neutral.length > 150);

    for (const file of neutral) assertEquals(importsOf(file).filter(isHostModule), [], file.path);
  });
});
