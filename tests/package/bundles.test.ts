/** What `npm run build` makes, used as its users do. */

import { cp, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { build } from "esbuild";
import { VERSION } from "../../src/version.ts";
import { hosts, type Installed, installPackage, root, run } from "../support/package.ts";
import { createTempFolder } from "../support/temp-folder.ts";

interface Manifest {
  readonly exports: Readonly<Record<string, unknown>>;
  readonly bin: Readonly<Record<string, string>>;
}

const readJson = async <T>(path: string): Promise<T> =>
  JSON.parse(await readFile(join(root, path), "utf8")) as T;

const { exports, bin } = await readJson<Manifest>("package.json");

/** Every file that a value of `exports` names. */
function targets(value: unknown): string[] {
  return typeof value === "string" ? [value] : Object.values(value as object).flatMap(targets);
}

describe("the built package", () => {
  let installed: Installed;
  let clean = async (): Promise<void> => {};
  before(async () => {
    const keep = (remove: typeof clean): void => {
      clean = remove;
    };
    installed = await installPackage({ after: keep });
  });
  after(() => clean());

  it("has every script that exports and bin name, and JSR gets the same entries", async () => {
    const jsr = await readJson<Pick<Manifest, "exports">>("deno.json");
    const scripts = [...targets(exports), ...Object.values(bin)].filter((path) =>
      path.endsWith(".js"),
    );

    for (const path of scripts) {
      assert(installed.files.has(path.replace("./dist/", "")), `${path} was not built`);
    }
    assert(scripts.length >= 4);
    assertEquals(Object.keys(jsr.exports), Object.keys(exports));
    for (const path of targets(jsr.exports)) await stat(join(root, path));
  });

  it("starts as a program of its own, found by its first line", async () => {
    const file = join(installed.dist, "bin/main.js");

    const { mode } = await stat(file);

    assertEquals(mode & 0o111, 0o111);
    assert((await readFile(file, "utf8")).startsWith("#!/usr/bin/env node\n"));
  });

  it("stays within what its users wait for", async () => {
    const scripts = [...installed.files].filter(([path]) => path.endsWith(".js"));
    const total = (part: string): number =>
      scripts.reduce((sum, [path, bytes]) => (path.startsWith(part) ? sum + bytes : sum), 0);
    const edge = gzipSync(await readFile(join(installed.dist, "edge.js")));

    // An isolate of the free plan takes three megabytes; this is what it was, and a tenth more.
    assert(edge.byteLength < 480_000, `edge.js takes ${edge.byteLength} bytes, gzipped`);
    assert(total("lib.js") < 310_000, `lib.js takes ${total("lib.js")} bytes`);
    assert(total("bin/") < 5_900_000, `dist/bin takes ${total("bin/")} bytes`);
  });

  it("asks for no require() but one of its own, which modules do not have", async () => {
    const scripts = [...installed.files.keys()].filter((path) => path.endsWith(".js"));

    for (const path of scripts) {
      const text = await readFile(join(installed.dist, path), "utf8");
      const isServed = text.includes("const require = createRequire(import.meta.url)");
      const asks = text.includes("Dynamic require of") && !isServed;
      assert(!asks, `${path} holds CommonJS that needs require()`);
    }
  });

  for (const [host, words] of Object.entries(hosts)) {
    it(`runs mcpp on ${host} without node_modules`, async (t) => {
      const cwd = await createTempFolder(t);
      await cp(join(installed.dist, "bin"), join(cwd, "bin"), { recursive: true });
      await writeFile(join(cwd, "mcpp.yaml"), "roots: [.]\nlog: { audit: false }\n");
      await writeFile(join(cwd, "cities.csv"), "name,people\nBern,134000\nChur,38000\n");
      const mcpp = (args: readonly string[], input?: string) =>
        run([...words, "bin/main.js", ...args, "--config", "mcpp.yaml"], {
          cwd,
          ...(input !== undefined && { input }),
        });

      const version = run([...words, "bin/main.js", "--version"], { cwd });
      const converted = mcpp(["call", "dataset_convert", "--params", toParquet]);
      const called = mcpp(["call", "dataset_describe", "--params", describeParquet]);
      const spoken = mcpp(["stdio"], `${JSON.stringify(cacheStats)}\n`);

      assertEquals(version.stdout.trim(), VERSION);
      assertEquals(converted.stderr, "");
      assertEquals(called.stderr, "");
      assertEquals(JSON.parse(called.stdout).totalRows, 2);
      const { id, result } = JSON.parse(spoken.stdout);
      assertEquals([id, result.structuredContent.entries], [7, 0]);
    });
  }

  it("has a bundle for isolates that is whole and asks for nothing of Node", async (t) => {
    const folder = await createTempFolder(t);
    await cp(join(installed.dist, "edge.js"), join(folder, "edge.js"));

    // Bundling fails where an import leads nowhere, and outside the checkout every import would.
    const { metafile, warnings } = await build({
      absWorkingDir: folder,
      entryPoints: ["edge.js"],
      bundle: true,
      platform: "neutral",
      write: false,
      metafile: true,
      logLevel: "silent",
    });

    assertEquals(warnings, []);
    assertEquals(Object.keys(metafile.inputs), ["edge.js"]);
  });

  it("has a bundle for pages that is one file, and small", async () => {
    const file = join(installed.dist, "browser/mesh.js");
    const text = await readFile(file, "utf8");

    const { outputFiles } = await build({ entryPoints: [file], bundle: true, write: false });

    assertEquals(outputFiles.length, 1);
    assert(!/\bimport\s*\(|\bfrom\s*["']|\bimport\s*["']/.test(text), "it imports something");
    const { byteLength } = gzipSync(text, { level: 9 });
    assert(byteLength <= 160 * 1024, `mesh.js takes ${byteLength} bytes, gzipped`);
  });

  it("lets a bundler for isolates leave Node out of the library", async () => {
    const entry = join(installed.folder, "worker.ts");
    await writeFile(entry, 'export { createApp as default } from "mcplusplus";\n');
    const bundle = (conditions: string[]): Promise<unknown> =>
      build({
        absWorkingDir: installed.folder,
        entryPoints: [entry],
        bundle: true,
        format: "esm",
        platform: "browser",
        conditions,
        write: false,
        logLevel: "silent",
      });

    await bundle(["workerd", "worker", "browser"]);
    await bundle(["browser"]);
  });

  it("keeps a program that embeds a server in charge of its signals", async () => {
    const file = join(installed.folder, "embed.js");
    await mkdir(installed.folder, { recursive: true });
    await writeFile(
      file,
      'import { createApp } from "mcplusplus";\n' +
        "await using app = await createApp();\n" +
        'console.log(process.listenerCount("SIGINT"), process.listenerCount("SIGTERM"));\n',
    );

    const { stdout, stderr } = run([...hosts.node, file], { cwd: installed.folder });

    assertStringIncludes(`${stdout}${stderr}`, "0 0");
  });
});

const parquet = { path: "cities.parquet" };
const toParquet = JSON.stringify({ source: { path: "cities.csv" }, target: parquet });
const describeParquet = JSON.stringify({ source: parquet });

const cacheStats = {
  jsonrpc: "2.0",
  id: 7,
  method: "tools/call",
  params: {
    name: "cache_stats",
    arguments: {},
    _meta: {
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientInfo": { name: "test", version: "1.0.0" },
      "io.modelcontextprotocol/clientCapabilities": {},
    },
  },
};
