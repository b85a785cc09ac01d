/** Memory in RAM: after the start, and after many calls. @module */

import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { load, type Row, type RunningServer, startServer } from "./harness.ts";
import { commandOn, type HostName } from "./hosts.ts";
import { installPeers, peersFolder } from "./peers.ts";
import { requireProcessTable, rssBytesOf } from "./process-table.ts";
import { products } from "./product.ts";
import { requestsTo, sums, type WireCall } from "./wire.ts";

const CALLS = 20_000;
const CONNECTIONS = 32;
const LOAD_MS = 5000;
/** Start-up garbage is gone by then. */
const SETTLE_MS = 1000;
const MEBIBYTE = 1024 * 1024;

interface Subject {
  readonly name: string;
  readonly command: readonly string[];
  readonly calls: readonly WireCall[];
}

async function subjectsOn(host: HostName): Promise<readonly Subject[]> {
  const command = commandOn(host, join(peersFolder, "servers", "sdk-v2.ts"), "1");
  const ours = await products(host);
  return [
    { name: "sdk-v2", command, calls: sums },
    ...ours.map(({ call, ...subject }) => ({ ...subject, calls: [call] })),
  ];
}

async function settledRss({ pid }: RunningServer): Promise<number> {
  await sleep(SETTLE_MS);
  return rssBytesOf(pid) / MEBIBYTE;
}

/** In loads of bounded length, as many as it takes. */
async function callOften({ port }: RunningServer, calls: readonly WireCall[]): Promise<void> {
  const requests = await requestsTo(port, "modern", calls);
  for (let left = CALLS; left > 0; ) {
    const job = { port, connections: CONNECTIONS, durationMs: LOAD_MS, requests };
    left -= (await load({ ...job, maxRequests: left })).requests;
  }
}

/** Compare on one host. */
export async function* memory(host: HostName): AsyncGenerator<Row> {
  requireProcessTable();
  installPeers(peersFolder);
  const limits = new Map<string, number>();
  for (const { name: subject, command, calls } of await subjectsOn(host)) {
    const server = await startServer(command);
    try {
      const idle = await settledRss(server);
      await callOften(server, calls);
      const figures = { idle, [`after ${CALLS} calls`]: await settledRss(server) };
      for (const [metric, value] of Object.entries(figures)) {
        const limit = limits.get(metric) ?? value;
        limits.set(metric, limit);
        const row = { bench: "memory", host, subject, metric, value, unit: "MiB" };
        yield { ...row, peer: "sdk-v2", ratio: value / limit };
      }
    } finally {
      await server.stop();
    }
  }
}
