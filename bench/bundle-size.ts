/** Bytes of what is published: the bundle for pages and what it holds, and the bundles for servers. @module */

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build } from "esbuild";
import { browserBuild, buildAll } from "../scripts/build.ts";
import type { Row } from "./harness.ts";
import type { HostName } from "./hosts.ts";

const KIBIBYTE = 1024;
/** Packages below it are added up as the others. */
const NOTABLE_BYTES: number = 4 * KIBIBYTE;
const OURS = "mcplusplus";

/** The bundles by where they begin in `dist`. */
const BUNDLES: Readonly<Record<string, string>> = {
  "page (dist/browser)": "browser/",
  "program (dist/bin)": "bin/",
  "isolate (dist/edge.js)": "edge.js",
};

type Sizes = Readonly<Record<"min" | "gzip" | "brotli", number>>;

/** As a web server would send each file. */
function sizesOf(files: readonly Uint8Array[]): Sizes {
  const sum = (sizeOf: (file: Uint8Array) => number): number =>
    files.reduce((total, file) => total + sizeOf(file), 0);
  return {
    min: sum((file) => file.length),
    gzip: sum((file) => gzipSync(file, { level: 9 }).length),
    brotli: sum((file) => brotliCompressSync(file).length),
  };
}

function packageOf(path: string): string {
  const [, inside] = path.split(/.*node_modules\//);
  if (inside === undefined) return OURS;
  return inside.split("/", inside.startsWith("@") ? 2 : 1).join("/");
}

/** What each package brings to the page, the largest first. */
async function pageContents(): Promise<readonly (readonly [string, number])[]> {
  const { metafile } = await build({
    ...browserBuild,
    metafile: true,
    write: false,
    entryPoints: { mesh: "runtimes/browser.ts" },
    outdir: "dist/browser",
  });
  const bytes = new Map<string, number>();
  for (const { inputs } of Object.values(metafile.outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const name = packageOf(path);
      bytes.set(name, (bytes.get(name) ?? 0) + bytesInOutput);
    }
  }
  const small = [...bytes].filter(([, size]) => size < NOTABLE_BYTES);
  const others = small.reduce((total, [, size]) => total + size, 0);
  const notable = [...bytes].filter(([, size]) => size >= NOTABLE_BYTES);
  notable.sort(([, a], [, b]) => b - a);
  return [...notable, [`${small.length} others`, others]];
}

/** The same whatever host runs it, so on Node only. */
export async function* bundleSize(host: HostName): AsyncGenerator<Row> {
  if (host !== "node") return;
  const row = { bench: "bundle-size", host, unit: "KiB" };
  const dist = await mkdtemp(join(tmpdir(), "mcpp-bench-"));
  try {
    const written = [...(await buildAll(dist)).keys()].filter((path) => path.endsWith(".js"));
    for (const [subject, start] of Object.entries(BUNDLES)) {
      const paths = written.filter((path) => path.startsWith(start));
      const files = await Promise.all(paths.map((path) => readFile(join(dist, path))));
      for (const [metric, bytes] of Object.entries(sizesOf(files))) {
        yield { ...row, subject, metric, value: bytes / KIBIBYTE };
      }
    }
  } finally {
    await rm(dist, { recursive: true });
  }
  for (const [name, bytes] of await pageContents()) {
    yield { ...row, subject: `page: ${name}`, metric: "min", value: bytes / KIBIBYTE };
  }
}
