/** One server that owns a queue, and workers of other processes that work it over the mesh. @module */

import { createServer } from "node:net";
import { join } from "node:path";
import type { HostName } from "../../bench/hosts.ts";
import { QUEUE_FILE } from "../../src/config/paths.ts";
import {
  type QueueProcess,
  serverArgs,
  startedServer,
  startQueueProcess,
  workerArgs,
} from "../support/queue-processes.ts";
import { type Cleanup, createTempFolder } from "../support/temp-folder.ts";
import { KeptProcess } from "./kept-process.ts";
import { type Link, openLink } from "./link.ts";

/** A worker, and its way to the owner. */
export interface ChaosWorker {
  readonly name: string;
  readonly host: HostName;
  readonly process: KeptProcess;
  readonly link: Link;
}

/** The processes that are tormented. */
export interface QueueCluster {
  readonly url: string;
  readonly owner: KeptProcess;
  /** Where the owner of the moment runs. */
  readonly ownerHost: HostName;
  readonly workers: readonly ChaosWorker[];
  /** Gets a line for each execution. */
  readonly effects: string;
  readonly queueFile: string;
  /** End every process; the exit code of each that was not zero. */
  stop(): Promise<readonly string[]>;
}

/** Tasks are executed this often in the course of a run without that being held against them. */
const FOREVER = 1_000;

/** A worker that is wanted. */
export interface WantedWorker {
  readonly host: HostName;
  /** It says that it has these. */
  readonly abilities?: readonly string[];
}

/** What is started. */
export interface ClusterOptions {
  readonly workers: readonly WantedWorker[];
  /** Where the owner runs: on the first, after its end on the second, and so on, in turn. */
  readonly owners?: readonly HostName[];
  readonly leaseMs: number;
  /** Tasks that the owner works itself. */
  readonly slots?: number;
}

/** Start everything; the folders go with the clean-up. */
export async function startCluster(
  t: Cleanup,
  { workers: wanted, owners = ["node"], leaseMs, slots = 0 }: ClusterOptions,
): Promise<QueueCluster> {
  const folder = await createTempFolder(t);
  const [httpPort = 0, meshPort = 0] = await freePorts(2);
  const args = await serverArgs(folder, {
    queue: { leaseMs, slots, maxStalls: FOREVER, maxAttempts: FOREVER },
    mesh: { allow: [{ peer: "*", abilities: ["worker"] }] },
    more: {
      listen: { port: httpPort },
      limits: { perCallerConcurrent: 256 },
      // The default is for peers that are strangers.
      peerLimits: { requestsPerSecond: 0 },
    },
  });
  const env = { MCPP_MESH_TCP_PORT: String(meshPort) };
  let starts = 0;
  let ownerHost: HostName = "node";
  const startOwner = (): QueueProcess => {
    ownerHost = owners[starts % owners.length] ?? ownerHost;
    starts += 1;
    return startQueueProcess(folder, args, { env, host: ownerHost });
  };
  const owner = new KeptProcess({ start: startOwner, ready: "mesh" });
  const { url, peer } = await startedServer(owner.current);
  const workers = await Promise.all(
    wanted.map((worker, at) => startWorker(t, `worker ${at + 1}`, worker, { meshPort, peer })),
  );
  await Promise.all(workers.map(({ process }) => process.current.said("working")));
  return {
    ...{ url, owner, workers, effects: join(folder, "effects") },
    queueFile: join(folder, "data", QUEUE_FILE),
    get ownerHost() {
      return ownerHost;
    },
    async stop() {
      const codes = await Promise.all(
        workers.map(async ({ name, process, link }) => {
          link.mend();
          const code = await process.letGo();
          link.close();
          return { name, code };
        }),
      );
      const all = [...codes, { name: "the owner", code: await owner.letGo() }];
      return all.filter(({ code }) => code !== 0).map(({ name, code }) => `${name}: ${code}`);
    },
  };
}

async function startWorker(
  t: Cleanup,
  name: string,
  { host, abilities = [] }: WantedWorker,
  { meshPort, peer }: { readonly meshPort: number; readonly peer: string },
): Promise<ChaosWorker> {
  const folder = await createTempFolder(t);
  const link = await openLink(meshPort);
  const address = `/ip4/127.0.0.1/tcp/${link.port}/p2p/${peer}`;
  const can = abilities.flatMap((one) => ["--ability", one]);
  const args = workerArgs(folder, address, "--grace", "5", ...can);
  const start = (): QueueProcess => startQueueProcess(folder, args, { host });
  return { name, host, link, process: new KeptProcess({ start, ready: "working" }) };
}

/** Ports that nobody has at this moment: the owner comes back to the same. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) => {
          server.once("listening", () => {
            const address = server.address();
            resolve(typeof address === "object" && address ? address.port : 0);
          });
        }),
    ),
  );
  for (const server of servers) server.close();
  return ports;
}
