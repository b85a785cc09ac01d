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

/** The program on one host, both ways; the bundle is built of the sources as they are. */
export async function programs(
  host: HostName,
): Promise<Readonly<Record<"sources" | "bundle", readonly string[]>>> {
  await buildAll(join(projectFolder, "dist"));
  const program = (...path: string[]): readonly string[] =>
    commandOn(host, join(projectFolder, ...path));
  return {
    sources: program("runtimes", "main.ts"),
    bundle: program("dist", "bin", "main.js"),
  };
}

/** Both as servers. */
export async function products(host: HostName): Promise<readonly Product[]> {
  return Object.entries(await programs(host)).map(([way, program]) => ({
    name: `mcplusplus, ${way}`,
    command: [...program, "serve", "--port", "0", "--json"],
    call,
  }));
}
