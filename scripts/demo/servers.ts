/** Servers for the demonstration: real processes of three hosts, in folders of their own. @module */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";

/** The hosts that npm brings along. */
export type HostName = "node" | "bun" | "deno";

/** A server that takes part in the mesh. */
export interface DemoServer {
  readonly host: HostName;
  /** Without a path. */
  readonly url: string;
  /** Its multiaddrs, dialable from this machine. */
  readonly addresses: readonly string[];
  /** Time from the start of the process until the mesh was running, in ms. */
  readonly readyMs: number;
  readonly child: ChildProcess;
}

const root = join(import.meta.dirname, "..", "..");

const commands: Readonly<Record<HostName, readonly string[]>> = {
  node: [join(root, "node_modules", ".bin", "node")],
  bun: [join(root, "node_modules", ".bin", "bun")],
  deno: [join(root, "node_modules", ".bin", "deno"), "run", "-A"],
};

/** Everything on loopback, on free ports; every peer may use the cache. */
const settings = {
  listen: { port: 0 },
  mesh: {
    tcpPort: 0,
    webRtcPort: 0,
    mdns: false,
    allow: [{ peer: "*", categories: ["cache"] }],
  },
  log: { level: "warning", audit: false },
} as const;

/** Start a server that joins by `bootstrap`; resolves when its mesh runs. */
export async function startServer(
  host: HostName,
  folder: string,
  bootstrap: readonly string[],
): Promise<DemoServer> {
  const own = join(folder, host);
  await mkdir(own);
  const path = join(own, "mcpp.json");
  await writeFile(path, JSON.stringify({ ...settings, name: host, dataDir: own }));
  const [file = "", ...args] = commands[host];
  const startedAt = performance.now();
  const child = spawn(
    file,
    [...args, join(root, "runtimes", "main.ts"), "serve", "--json", "--config", path],
    {
      env: { ...process.env, MCPP_BOOTSTRAP: bootstrap.join(",") },
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const { url, addresses } = await listening(child, host);
  return { host, url, addresses, readyMs: performance.now() - startedAt, child };
}

interface StartEvent {
  readonly event: string;
  readonly url?: string;
  readonly state?: string;
  readonly reason?: string;
  readonly addresses?: readonly string[];
}

/** What a server prints as it starts, one JSON value a line. */
async function listening(
  child: ChildProcess,
  host: HostName,
): Promise<Pick<DemoServer, "url" | "addresses">> {
  let url = "";
  if (!child.stdout) throw new Error(`${host} started without an output`);
  for await (const line of createInterface({ input: child.stdout })) {
    const { event, state, reason, addresses = [], ...facts } = JSON.parse(line) as StartEvent;
    url = facts.url ?? url;
    if (event !== "mesh") continue;
    if (state === "running") return { url, addresses };
    throw new Error(`${host} did not join: ${reason}`);
  }
  throw new Error(`${host} ended with ${child.exitCode} before its mesh ran`);
}

/** Ask a server to end; gives the time it took, in ms. */
export async function stopServer({ child }: DemoServer): Promise<number> {
  const startedAt = performance.now();
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  await exited;
  return performance.now() - startedAt;
}
