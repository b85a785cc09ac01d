/** Servers for the demonstration: real processes of three hosts, in folders of their own. @module */

import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type HostName, type Program, startProgram } from "./processes.ts";

/** A server that takes part in the mesh. */
export interface DemoServer {
  readonly host: HostName;
  /** Without a path. */
  readonly url: string;
  /** Its multiaddrs, dialable from this machine. */
  readonly addresses: readonly string[];
  /** Time from the start of the process until the mesh was running, in ms. */
  readonly readyMs: number;
  readonly program: Program;
  /** Its configuration file. */
  readonly config: string;
}

/** A rule of `mesh.allow`. */
interface Rule {
  readonly peer: string;
  readonly categories?: readonly string[];
  readonly abilities?: readonly string[];
}

/** Every peer may use the cache. */
const OPEN: Rule = { peer: "*", categories: ["cache"] };

/** Everything on loopback, on free ports. */
const settingsOf = (name: HostName, dataDir: string, allow: readonly Rule[]): object => ({
  ...{ name, dataDir },
  listen: { port: 0 },
  mesh: { tcpPort: 0, webRtcPort: 0, mdns: false, allow },
  log: { level: "warning", audit: false },
});

/** Start a server that joins by `bootstrap`, and tell `started` of it; resolves when its mesh runs. */
export async function startServer(
  host: HostName,
  folder: string,
  bootstrap: readonly string[],
  started: (program: Program) => void,
): Promise<DemoServer> {
  const own = join(folder, host);
  await mkdir(own);
  const config = join(own, "mcpp.json");
  await writeFile(config, JSON.stringify(settingsOf(host, own, [OPEN])));
  const startedAt = performance.now();
  const words = ["serve", "--config", config];
  const program = startProgram(host, host, words, { MCPP_BOOTSTRAP: bootstrap.join(",") });
  started(program);
  const { url } = await program.said("listening");
  const { state, reason, addresses } = await program.said("mesh");
  if (state !== "running") throw new Error(`${host} did not join: ${reason}`);
  return {
    ...{ host, program, config, url: String(url) },
    addresses: addresses as readonly string[],
    readyMs: performance.now() - startedAt,
  };
}

/** Let peers work the tasks of a server's queue: it follows its configuration file while it runs. */
export async function letWork(
  { host, program, config }: DemoServer,
  peers: readonly string[],
): Promise<void> {
  const rules = peers.map((peer) => ({ peer, abilities: ["worker"] }));
  // One file in place of the other, so that nobody reads half of it.
  const next = `${config}.next`;
  await writeFile(next, JSON.stringify(settingsOf(host, join(config, ".."), [OPEN, ...rules])));
  await rename(next, config);
  await program.said("reloaded");
}
