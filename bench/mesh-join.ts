/**
 * From the start of a process to the first answer of a peer: a command that asks one, and a server
 * that is told of one and asked for its tool.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { UnavailableError } from "../src/errors.ts";
import { eventually, type Row, type RunningServer, startServer } from "./harness.ts";
import { commandOn, type HostName, projectFolder } from "./hosts.ts";
import type { MeshAddresses } from "./mesh-client.ts";
import { programs } from "./product.ts";
import { median, quantile } from "./statistics.ts";
import { ask, modernRequest, type WireCall } from "./wire.ts";

const RUNS = 7;

const input = { a: 1, b: 2 } as const;

/** Through the meta-tool, as a model would ask. */
const dispatched: WireCall = {
  tool: "dispatch",
  input: { tool: "add_tcp", params: input },
  expect: '"structuredContent":{"sum":3}',
};

/** All as it comes, on ports that are free. */
const anyPorts: Readonly<Record<string, string>> = {
  MCPP_MESH_TCP_PORT: "0",
  MCPP_MESH_WEB_RTC_PORT: "0",
};

async function commandMs(program: readonly string[], address: string): Promise<number> {
  const question = ["add_tcp", "--peer", address, "--params", JSON.stringify(input), "--json"];
  const [file = "", ...args] = [...program, "call", ...question];
  const startedAt = performance.now();
  const child = spawn(file, args, { cwd: projectFolder, stdio: ["ignore", "pipe", "inherit"] });
  const [said] = (await once(child.stdout, "data")) as [Buffer];
  const ms = performance.now() - startedAt;
  await once(child, "exit");
  if (said.includes('"sum":3')) return ms;
  throw new UnavailableError("peer_unreachable", `The command answered ${said.toString("utf8")}`);
}

async function serverMs(program: readonly string[], address: string): Promise<number> {
  const command = [...program, "serve", "--port", "0", "--json", "--bootstrap", address];
  const startedAt = performance.now();
  const server = await startServer(command, { environment: anyPorts });
  try {
    // Until the peer's tools are known there is no such tool.
    await eventually(() => ask(server.port, modernRequest(dispatched)));
    return performance.now() - startedAt;
  } finally {
    await server.stop();
  }
}

async function startPeer(host: HostName): Promise<[RunningServer, string]> {
  const file = join(import.meta.dirname, "servers", "mesh.ts");
  const server = await startServer(commandOn(host, file));
  return [server, (server.said.addresses as MeshAddresses).tcp.calls];
}

/** Compare on one host. */
export async function* meshJoin(host: HostName): AsyncGenerator<Row> {
  const ways = await programs(host);
  const [peer, address] = await startPeer(host);
  try {
    const times = new Map<string, number[]>();
    // The first run of each finds cold caches of the disk, and is not counted.
    for (let run = 0; run <= RUNS; run += 1) {
      for (const [name, program] of Object.entries(ways)) {
        for (const [kind, measure] of Object.entries({ command: commandMs, server: serverMs })) {
          const ms = await measure(program, address);
          const seen = times.get(`${kind}, ${name}`) ?? [];
          times.set(`${kind}, ${name}`, run === 0 ? seen : [...seen, ms]);
        }
      }
    }
    for (const [subject, seen] of times) {
      const row = { bench: "mesh-join", host, subject, unit: "ms" };
      const value = median(seen);
      yield { ...row, metric: "first answer of a peer", value };
      yield { ...row, metric: "p95", value: quantile(seen, 0.95) };
    }
  } finally {
    await peer.stop();
  }
}
