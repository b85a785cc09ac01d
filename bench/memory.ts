/** Memory in RAM: after the start, and after many calls. @module */

import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { load, type Row, type RunningServer, startServer } from "./harness.ts";
import { commandOn, type HostName } from "./hosts.ts";
import { installPeers, peersFolder } from "./peers.ts";
import { requireProcessTable, rssBytesOf } from "./process-table.ts";
import { requestsTo, sums } from "./wire.ts";

const CALLS = 20_000;
const CONNECTIONS = 32;
const LOAD_MS = 5000;
/** Start-up garbage is gone by then. */
const SETTLE_MS = 1000;
const MEBIBYTE = 1024 * 1024;

const subjects: ReadonlyMap<string, string> = new Map([
  ["sdk-v2", join(peersFolder, "servers", "sdk-v2.ts")],
  ["mcplusplus", join(import.meta.dirname, "servers", "mcplusplus.ts")],
]);

async function settledRss({ pid }: RunningServer): Promise<number> {
  await sleep(SETTLE_MS);
  return rssBytesOf(pid) / MEBIBYTE;
}

/** In loads of bounded length, as many as it takes. */
async function callOften({ port }: RunningServer): Promise<void> {
  const requests = await requestsTo(port, "modern", sums);
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
  for (const [subject, file] of subjects) {
    const server = await startServer(commandOn(host, file, "1"));
    try {
      const idle = await settledRss(server);
      await callOften(server);
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
