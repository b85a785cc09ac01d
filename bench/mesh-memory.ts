/** Memory in RAM of a server in the mesh: alone, and with peers connected to it. @module */

import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { eventually, freePort, type Row, type RunningServer, startServer } from "./harness.ts";
import { commandOn, type HostName } from "./hosts.ts";
import { requireProcessTable, rssBytesOf } from "./process-table.ts";
import { programs } from "./product.ts";

const CROWDS = [10, 50] as const;
/** Start-up garbage is gone by then. */
const SETTLE_MS = 3000;
const MEBIBYTE = 1024 * 1024;

async function settledRss({ pid }: RunningServer): Promise<number> {
  await sleep(SETTLE_MS);
  return rssBytesOf(pid) / MEBIBYTE;
}

/** Peers are on Node, whatever the host of the server. */
function startCrowd(port: number, count: number): Promise<RunningServer> {
  const file = join(import.meta.dirname, "mesh-crowd.ts");
  return startServer(commandOn("node", file, `/ip4/127.0.0.1/tcp/${port}`, String(count)));
}

async function* figuresOf(program: readonly string[]): AsyncGenerator<[string, number]> {
  const port = await freePort();
  const environment = { MCPP_MESH_TCP_PORT: String(port), MCPP_MESH_WEB_RTC_PORT: "0" };
  const command = [...program, "serve", "--port", "0", "--json"];
  const server = await startServer(command, { environment });
  try {
    yield ["idle", await settledRss(server)];
    for (const count of CROWDS) {
      const crowd = await eventually(() => startCrowd(port, count));
      try {
        yield [`${count} peers`, await settledRss(server)];
      } finally {
        await crowd.stop();
      }
    }
  } finally {
    await server.stop();
  }
}

/** Measure on one host, with the mesh and without. */
export async function* meshMemory(host: HostName): AsyncGenerator<Row> {
  requireProcessTable();
  for (const [way, program] of Object.entries(await programs(host))) {
    const row = { bench: "mesh-memory", host, unit: "MiB" };
    const without = await idleWithout(program);
    yield { ...row, subject: `${way}, no mesh`, metric: "idle", value: without };
    for await (const [metric, value] of figuresOf(program)) {
      const ratio = value / without;
      yield { ...row, subject: way, metric, value, peer: "no mesh", ratio };
    }
  }
}

async function idleWithout(program: readonly string[]): Promise<number> {
  const server = await startServer([...program, "serve", "--port", "0", "--json"], {
    environment: { MCPP_FEATURES_MESH: "false" },
  });
  try {
    return await settledRss(server);
  } finally {
    await server.stop();
  }
}
