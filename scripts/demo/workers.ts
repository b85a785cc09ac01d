/** Workers of the demonstration: `mcpp worker` on each host, with the ability to work what is for it. @module */

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { askProgram, HOSTS, type HostName, type Program, root, startProgram } from "./processes.ts";
import { type DemoServer, letWork } from "./servers.ts";

/** Where a step can be worked. */
export type Place = HostName | "page";

/** Who works there. */
export interface DemoWorker {
  readonly place: Place;
  readonly peer: string;
  /** Time until it asked for tasks, in ms. */
  readonly readyMs: number;
}

/** What a step requires of its worker. */
export const abilityOf = (place: Place): string => (place === "page" ? "in-page" : `on-${place}`);

/** The folder whose files the worker on Node reads; the others are sent rows. */
export const DATA: string = join(root, "examples", "data");

interface Prepared {
  readonly host: HostName;
  readonly peer: string;
  readonly config: string;
}

/** A folder of its own, and in it the identity by which a server knows the worker. */
async function prepare(host: HostName, folder: string): Promise<Prepared> {
  const own = join(folder, `worker-${host}`);
  await mkdir(own);
  const config = join(own, "mcpp.json");
  const mesh = { tcpPort: 0, webRtcPort: "off", mdns: false };
  const roots = host === "node" ? [DATA] : [];
  const log = { level: "warning", audit: false };
  await writeFile(config, JSON.stringify({ dataDir: own, roots, mesh, log }));
  const { peer } = await askProgram(host, ["identity", "--config", config]);
  return { host, config, peer: String(peer) };
}

async function start(
  { addresses: [address = ""] }: DemoServer,
  { host, config, peer }: Prepared,
  started: (program: Program) => void,
): Promise<DemoWorker> {
  const startedAt = performance.now();
  const words = ["--connect", address, "--name", host, "--ability", abilityOf(host)];
  const program = startProgram(`the worker on ${host}`, host, [
    "worker",
    ...words,
    "--config",
    config,
  ]);
  started(program);
  await program.said("working");
  return { place: host, peer, readyMs: performance.now() - startedAt };
}

/** Workers of a server's queue, which lets them and `others` in by their ids. */
export async function startWorkers(
  owner: DemoServer,
  folder: string,
  others: readonly string[],
  started: (program: Program) => void,
): Promise<readonly DemoWorker[]> {
  const prepared = await Promise.all(HOSTS.map((host) => prepare(host, folder)));
  await letWork(owner, [...prepared.map(({ peer }) => peer), ...others]);
  return Promise.all(prepared.map((one) => start(owner, one, started)));
}
