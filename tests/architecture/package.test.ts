import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { VERSION } from "../../src/version.ts";
import { ROOT } from "../support/source-files.ts";

interface Manifest {
  readonly version: string;
  readonly exports: Readonly<Record<string, unknown>>;
}

const readJson = async (path: string): Promise<Manifest> =>
  JSON.parse(await readFile(join(ROOT, path), "utf8"));

describe("the package", () => {
  it("has one version", async () => {
    assertEquals((await readJson("package.json")).version, VERSION);
    assertEquals((await readJson("deno.json")).version, VERSION);
  });

  it("has the same entries on npm and JSR", async () => {
    const npm = Object.keys((await readJson("package.json")).exports);
    const jsr = Object.keys((await readJson("deno.json")).exports);

    assertEquals(npm.toSorted(), jsr.toSorted());
  });

  it("has a source behind every entry of JSR", async () => {
    for (const path of Object.values((await readJson("deno.json")).exports)) {
      assert(existsSync(join(ROOT, String(path))), String(path));
    }
  });
});

/** `[words](target)`, without addresses and anchors inside the page. */
const LINK = /\]\((?!https?:|mailto:|#)([^)\s#]+)(?:#[^)]*)?\)/g;

describe("links between documents", () => {
  it("lead to files that exist", async () => {
    const inDocs = await readdir(join(ROOT, "docs"), { recursive: true });
    const inRoot = await readdir(ROOT);
    const pages = [...inRoot, ...inDocs.map((path) => `docs/${path}`)].filter((path) =>
      path.endsWith(".md"),
    );
    assert(pages.length >= 3, pages.join());
    for (const page of pages) {
      const text = await readFile(join(ROOT, page), "utf8");
      const targets = [...text.matchAll(LINK)].map(([, target = ""]) => target);
      const broken = targets.filter((target) => !existsSync(join(ROOT, dirname(page), target)));
      assertEquals(broken, [], page);
    }
  });

  it("name files of the project that exist", async () => {
    const text = await readFile(join(ROOT, "docs/architecture.md"), "utf8");
    const named = [...text.matchAll(/`((?:[a-z-]+\/)+[a-z-]+\.ts)`/g)].map(([, path = ""]) => path);
    assert(named.length > 10);

    const missing = named.filter(
      (path) => !existsSync(join(ROOT, path)) && !existsSync(join(ROOT, "src", path)),
    );
    assertEquals(missing, []);
  });
});
