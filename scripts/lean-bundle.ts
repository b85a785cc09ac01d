/**
 * What the bundle for pages has instead of larger modules: the files of `runtimes/browser/lean`,
 * each of which says why. From sources, and in other bundles, the modules themselves are used.
 *
 * @module
 */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Plugin } from "esbuild";

const root = join(import.meta.dirname, "..");

/** Modules by their path, and what stands for them. */
const REPLACED: readonly (readonly [RegExp, string])[] = [
  [
    /[\\/]@libp2p[\\/]crypto[\\/]dist[\\/]src[\\/]keys[\\/](ecdsa|rsa|secp256k1)[\\/]/,
    "other-keys",
  ],
  [/[\\/]libp2p[\\/]dist[\\/]src[\\/]connection-manager[\\/]resolvers[\\/]dnsaddr\.js$/, "dnsaddr"],
  [/[\\/]@libp2p[\\/]logger[\\/]dist[\\/]src[\\/]index\.js$/, "logger"],
  [/[\\/]@ipld[\\/]dag-cbor[\\/]src[\\/]index\.js$/, "dag-cbor"],
  [/[\\/]multiformats[\\/]dist[\\/]src[\\/]basics\.js$/, "basics"],
  [/[\\/]netmask[\\/]dist[\\/]netmask\.js$/, "netmask"],
  [/[\\/]src[\\/]upstream[\\/]schema-check\.ts$/, "schema-check"],
];

/** libp2p's own modules, whose logger says nothing in pages. */
const LOGGING = /[\\/]node_modules[\\/](@libp2p|libp2p)[\\/].*\.js$/;

/** A statement that only logs, on a line of its own: with what it says, 7 KiB of the bundle (gzip). */
export const LOG_STATEMENT: RegExp =
  /^[ \t]*(?:[\w#]+\??\.)*#?log(?:\??\.(?:error|trace))?(?:\?\.)?\(.*\);[ \t]*$/gm;

/** Puts the small modules in the place of the large ones; fails where one is no longer there. */
export const leanModules: Plugin = {
  name: "lean-modules",
  setup({ onLoad, onEnd }) {
    const used = new Set<string>();
    for (const [filter, name] of REPLACED) {
      onLoad({ filter }, async () => {
        used.add(name);
        const folder = join(root, "runtimes/browser/lean");
        const contents = await readFile(join(folder, `${name}.ts`), "utf8");
        return { contents, loader: "ts", resolveDir: folder };
      });
    }
    onLoad({ filter: LOGGING }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      return { contents: text.replace(LOG_STATEMENT, "") };
    });
    onEnd(() => ({
      errors: REPLACED.filter(([, name]) => !used.has(name)).map(([filter, name]) => ({
        text: `Nothing was replaced by lean/${name}.ts: no module fits ${filter}`,
      })),
    }));
  },
};
