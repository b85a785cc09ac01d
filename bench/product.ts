/** The whole product as a subject: from its sources and as the bundle that people install. @module */

import { join } from "node:path";
import { buildAll } from "../scripts/build.ts";
import { commandOn, type HostName, projectFolder } from "./hosts.ts";
import type { WireCall } from "./wire.ts";

/** A way to start the product. */
export interface Product {
  readonly name: string;
  readonly command: readonly string[];
  /** Answered by a built-in category, which is loaded then. */
  readonly call: WireCall;
}

const call: WireCall = { tool: "cache_stats", input: {}, expect: '"maxEntries":' };

/** Both ways on one host; the bundle is built of the sources as they are. */
export async function products(host: HostName): Promise<readonly Product[]> {
  await buildAll(join(projectFolder, "dist"));
  const program = (...path: string[]): readonly string[] =>
    commandOn(host, join(projectFolder, ...path), "serve", "--port", "0", "--json");
  return [
    { name: "mcplusplus, sources", command: program("runtimes", "main.ts"), call },
    { name: "mcplusplus, bundle", command: program("dist", "bin", "main.js"), call },
  ];
}
