/** From the start of the process to the first answered `tools/call`, over HTTP. @module */

import { join } from "node:path";
import { type Row, startServer } from "./harness.ts";
import { commandOn, type HostName } from "./hosts.ts";
import { installPeers, peersFolder } from "./peers.ts";
import { type Product, products } from "./product.ts";
import { median, quantile } from "./statistics.ts";
import { ask, modernRequest, sums } from "./wire.ts";

const RUNS = 10;

async function subjectsOn(host: HostName): Promise<readonly Product[]> {
  const [call] = sums;
  if (!call) throw new RangeError("there is no call to begin with");
  const command = commandOn(host, join(peersFolder, "servers", "sdk-v2.ts"));
  return [{ name: "sdk-v2", command, call }, ...(await products(host))];
}

async function firstAnswerMs({ command, call }: Product): Promise<number> {
  const startedAt = performance.now();
  const server = await startServer(command);
  try {
    await ask(server.port, modernRequest(call));
    return performance.now() - startedAt;
  } finally {
    await server.stop();
  }
}

/** Compare on one host. */
export async function* startup(host: HostName): AsyncGenerator<Row> {
  installPeers(peersFolder);
  const subjects = await subjectsOn(host);
  const times = new Map<Product, number[]>(subjects.map((subject) => [subject, []]));
  // The first run of each finds cold caches of the disk, and is not counted.
  for (const subject of subjects) await firstAnswerMs(subject);
  for (let run = 0; run < RUNS; run += 1) {
    for (const [subject, seen] of times) seen.push(await firstAnswerMs(subject));
  }
  const peer = "sdk-v2";
  const limit = median([...times].find(([{ name }]) => name === peer)?.[1] ?? []);
  for (const [{ name }, seen] of times) {
    const row = { bench: "startup", host, subject: name, unit: "ms" };
    const value = median(seen);
    yield { ...row, metric: "first answer", value, peer, ratio: value / limit };
    yield { ...row, metric: "p95", value: quantile(seen, 0.95) };
  }
}
