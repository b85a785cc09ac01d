/** One server that owns a queue, and workers of other processes that work it over the mesh. @module */

import { createServer } from "node:net";
import { join } from "node:path";
import { QUEUE_FILE } from "../../src/config/paths.ts";
import {
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
  readonly process: KeptProcess;
  readonly link: Link;
}

/** The processes that are tormented. */
export interface QueueCluster {
  readonly url: string;
  readonly owner: KeptProcess;
  readonly workers: readonly ChaosWorker[];
  /** Gets a line for each execution. */
  readonly effects: string;
  readonly queueFile: string;
  /** End every process; the exit code of each that was not zero. */
  stop(): Promise<readonly string[]>;
}

/** Tasks are executed this often in the course of a run without that being held against them. */
const FOREVER = 1_000;

/** What is started. */
export interface ClusterOptions {
  readonly workers: number;
  readonly leaseMs: number;
  /** Tasks that the owner works itself. */
  readonly slots?: number;
}

/** Start everything; the folders go with the clean-up. */
export async function startCluster(
  t: Cleanup,
  { workers: count, leaseMs, slots = 0 }: ClusterOptions,
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
  const owner = new KeptProcess({
    start: () => startQueueProcess(folder, args, { env }),
    ready: "mesh",
  });
  const { url, peer } = await startedServer(owner.current);
  const workers = await Promise.all(
    Array.from({ length: count }, (_, at) => startWorker(t, `worker ${at + 1}`, meshPort, peer)),
  );
  await Promise.all(workers.map(({ process }) => process.current.said("working")));
  return {
    ...{ url, owner, workers, effects: join(folder, "effects") },
    queueFile: join(folder, "data", QUEUE_FILE),
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
  meshPort: number,
  peer: string,
): Promise<ChaosWorker> {
  const folder = await createTempFolder(t);
  const link = await openLink(meshPort);
  const args = workerArgs(folder, `/ip4/127.0.0.1/tcp/${link.port}/p2p/${peer}`, "--grace", "5");
  const start = (): ReturnType<typeof startQueueProcess> => startQueueProcess(folder, args);
  return { name, link, process: new KeptProcess({ start, ready: "working" }) };
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
