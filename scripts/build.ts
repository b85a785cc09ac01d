/**
 * `npm run build`: everything that is published, but for the types (`scripts/types.ts`).
 *
 *   dist/lib.js, dist/web.js, dist/tool.js   the library; its dependencies stay packages
 *   dist/bin/main.js                         `mcpp` with its dependencies, for Node, Bun and Deno
 *   dist/edge.js                             the server for isolates, in one file
 *   dist/browser/mesh.js                     the mesh for pages, in one file, and the page at /join
 *   dist/browser/queue.js                    a page's own queue; its worker and SQLite beside it
 *
 * @module
 */

import { chmod, copyFile, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { type BuildOptions, build, type Plugin } from "esbuild";
import { leanModules } from "./lean-bundle.ts";

const root = join(import.meta.dirname, "..");

/** One bundle serves three hosts, so which one it runs on is asked when it starts. */
const chooseHost: Plugin = {
  name: "choose-host",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^#host$/ }, () => ({ path: "host", namespace: "choose-host" }));
    onLoad({ filter: /.*/, namespace: "choose-host" }, () => ({
      resolveDir: join(root, "runtimes"),
      contents: `
        const load = "Deno" in globalThis
          ? () => import("./deno.ts")
          : "Bun" in globalThis ? () => import("./bun.ts") : () => import("./node.ts");
        export const { host } = await load();
      `,
    }));
  },
};

const shared = {
  absWorkingDir: root,
  bundle: true,
  format: "esm",
  target: "es2024",
  sourcemap: true,
  // Lines and names are enough for a stack; the sources would be more than half of the package.
  sourcesContent: false,
  metafile: true,
  logLevel: "warning",
} satisfies BuildOptions;

/** Isolates have no `node:` modules; a package that offers them another file names it so. */
const isolate = {
  platform: "browser",
  conditions: ["workerd", "worker", "browser"],
} satisfies BuildOptions;

/** Tools on files are listed on such hosts and never loaded (`runtimes/builtin.ts`). */
const withoutFiles: Plugin = {
  name: "without-files",
  setup({ onLoad }) {
    const filter = /[\\/]tools[\\/]dataset[\\/]mod\.ts$/;
    onLoad({ filter }, () => ({ contents: "export const tools = [];" }));
  },
};

/** The mesh for pages: what a browser has itself, or a page never needs, is left out. */
export const browserBuild: BuildOptions = {
  ...shared,
  platform: "browser",
  conditions: ["browser"],
  minify: true,
  plugins: [leanModules],
  alias: {
    // Asked for by its own name, the package gives the file for Node to pages too.
    "@libp2p/noise/crypto": join(
      root,
      "node_modules/@libp2p/noise/dist/src/crypto/index.browser.js",
    ),
  },
};

/** A page's own queue: what a page imports, and what its worker runs. */
export const queueBuild: BuildOptions = {
  ...shared,
  platform: "browser",
  conditions: ["browser"],
  minify: true,
  entryPoints: {
    queue: "runtimes/browser/queue/own-queue.ts",
    "queue-worker": "runtimes/browser/queue/queue-worker.ts",
  },
};

/** The worker loads it from beside itself. */
export const SQLITE_WASM: string = join(
  root,
  "node_modules/@sqlite.org/sqlite-wasm/dist/sqlite3.wasm",
);

/** Every bundle, into the folder `dist`. */
function buildsInto(dist: string): readonly (BuildOptions & { readonly metafile: true })[] {
  const library = {
    ...shared,
    outdir: dist,
    chunkNames: "chunks/[name]-[hash]",
    splitting: true,
    packages: "external",
  } satisfies BuildOptions;
  return [
    {
      ...library,
      entryPoints: { lib: "runtimes/lib.ts", tool: "src/tool.ts" },
      platform: "node",
      plugins: [chooseHost],
    },
    { ...library, ...isolate, entryPoints: { web: "runtimes/lib.ts" } },
    {
      ...shared,
      entryPoints: { main: "runtimes/main.ts" },
      outdir: join(dist, "bin"),
      chunkNames: "chunks/[name]-[hash]",
      platform: "node",
      splitting: true,
      minifySyntax: true,
      minifyWhitespace: true,
      plugins: [chooseHost],
      // Addons: a bundle runs without them, and says what that costs.
      external: ["node-datachannel", "@chainsafe/libp2p-quic"],
      // Some of libp2p's dependencies are CommonJS, which asks for `require`; modules have none.
      banner: {
        js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
      },
      // For Node it brings CommonJS, which asks for `require`; modules have none.
      alias: { yaml: join(root, "node_modules/yaml/browser/index.js") },
    },
    {
      ...shared,
      ...isolate,
      entryPoints: { edge: "runtimes/edge.ts" },
      outdir: dist,
      minify: true,
      plugins: [withoutFiles],
    },
    {
      ...browserBuild,
      metafile: true,
      entryPoints: { mesh: "runtimes/browser.ts" },
      outdir: join(dist, "browser"),
    },
    { ...queueBuild, metafile: true, outdir: join(dist, "browser") },
  ];
}

/** The page that servers show at `/join`, beside the bundle that it imports. */
const PAGE = ["index.html", "main.js", "style.css"];

/** Write the bundles; returns each file, relative to `dist`, with its size in bytes. */
export async function buildAll(dist: string): Promise<ReadonlyMap<string, number>> {
  await rm(dist, { recursive: true, force: true });
  const results = await Promise.all(buildsInto(dist).map((options) => build(options)));
  await chmod(join(dist, "bin/main.js"), 0o755);
  for (const name of PAGE) {
    await copyFile(join(root, "examples/04-browser-peer", name), join(dist, "browser", name));
  }
  await copyFile(SQLITE_WASM, join(dist, "browser/sqlite3.wasm"));
  const outputs = results.flatMap(({ metafile }) => Object.entries(metafile.outputs));
  return new Map(outputs.map(([path, { bytes }]) => [relative(dist, join(root, path)), bytes]));
}

if (import.meta.main) {
  const startedAt = performance.now();
  const files = await buildAll(join(root, "dist"));
  for (const [path, bytes] of files) {
    if (!path.endsWith(".js")) continue;
    console.log(`${String(Math.ceil(bytes / 1024)).padStart(6)} KB  ${path}`);
  }
  console.log(`built in ${Math.round(performance.now() - startedAt)} ms`);
}
