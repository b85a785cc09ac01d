/**
 * The asking side of `mesh-call`: a program that reads what to do as JSON, and prints what it saw as
 * one line of JSON.
 *
 * All subjects take turns (A B C A B C). Every answer is checked; a wrong one ends the program.
 *
 * @module
 */

import { once } from "node:events";
import { connect } from "node:net";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { multiaddr } from "@multiformats/multiaddr";
import { host } from "#host";
import type { App } from "../src/app-types.ts";
import { IntegrityError } from "../src/errors.ts";
import { requestText } from "../src/mesh/rpc.ts";
import { localCaller } from "../src/registry/caller.ts";
import { startApp } from "./mesh-app.ts";
import {
  asking,
  bareProtocol,
  linkOfSocket,
  linkOfStream,
  type Saying,
  type Sending,
} from "./mesh-echo.ts";
import { bareNode, stockNode, type Wire } from "./mesh-nodes.ts";
import { cpuMsOf } from "./process-table.ts";
import { quantile } from "./statistics.ts";

/** Where one transport leads: our server, and a bare node. */
export interface Place {
  readonly calls: string;
  readonly echo: string;
}

/** All that the server of `mesh-call` listens on. */
export interface MeshAddresses extends Readonly<Record<Wire, Place>> {
  /** libp2p as it comes, over TCP. */
  readonly stock: string;
  readonly bareTcp: Readonly<Record<Saying, number>>;
}

/** What to do. */
export interface MeshJob {
  readonly addresses: MeshAddresses;
  /** Its process, whose CPU time is read. */
  readonly serverPid: number;
  /** Port of an MCP SDK server over HTTP; left out, it is not asked. */
  readonly sdk?: number;
  readonly inFlight: readonly number[];
  readonly warmUpMs: number;
  readonly rounds: number;
  readonly roundMs: number;
}

/** What one subject did in one round. */
export interface MeshSample {
  readonly subject: string;
  readonly inFlight: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly perSecond: number;
  readonly calls: number;
  /** CPU time of both sides, in ms. */
  readonly clientMs: number;
  readonly serverMs: number;
}

/** Ask once; `turn` makes each question another one. */
type Ask = (turn: number) => Promise<void>;

/** What a peer is sent for a call of `add`. */
function frameOf(turn: number): string {
  const params = { name: "add_tcp", arguments: { a: turn, b: 7 } };
  return requestText(100_000 + turn, "tools/call", params, {});
}

function checkSum(turn: number, structured: unknown): void {
  const { sum } = (structured ?? {}) as { readonly sum?: unknown };
  if (sum === turn + 7) return;
  throw new IntegrityError("schema_mismatch", `${turn} + 7 was answered ${String(sum)}`);
}

async function callsOf(app: App, wire: Wire, address: string): Promise<Ask> {
  await app.mesh.reach(address);
  const tool = `add_${wire}`;
  return async (turn) => {
    const call = { tool, input: { a: turn, b: 7 }, caller: localCaller };
    checkSum(turn, (await app.call(call)).structuredContent);
  };
}

async function echoOf(address: string, sending: Sending): Promise<Ask> {
  const node = await bareNode();
  const { peer } = await node.connect(address);
  const stream = await node.openStream(peer, bareProtocol(sending));
  const ask = asking(linkOfStream(stream), sending);
  return (turn) => ask(frameOf(turn));
}

async function stockOf(address: string): Promise<Ask> {
  const node = await stockNode();
  const stream = await node.dialProtocol(multiaddr(address), bareProtocol("frame"));
  const ask = asking(linkOfStream(stream), "frame");
  return (turn) => ask(frameOf(turn));
}

async function bareTcpOf(port: number, saying: Saying): Promise<Ask> {
  const socket = connect({ host: "127.0.0.1", port });
  await once(socket, "connect");
  const ask = asking(linkOfSocket(socket), "turn", saying);
  return (turn) => ask(frameOf(turn));
}

async function sdkOf(port: number): Promise<Ask> {
  const client = new Client(
    { name: "bench", version: "1.0.0" },
    { versionNegotiation: { mode: { pin: "2026-07-28" } } },
  );
  await client.connect(new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${port}/mcp`)));
  return async (turn) => {
    const { structuredContent } = await client.callTool({
      name: "add",
      arguments: { a: turn, b: 7 },
    });
    checkSum(turn, structuredContent);
  };
}

async function subjectsOf({ addresses, sdk }: MeshJob): Promise<ReadonlyMap<string, Ask>> {
  const place = { meshRole: "client" } as const;
  const app = await startApp({ name: "client", catalog: [], place, hasTcp: false });
  const subjects = new Map<string, Ask>();
  for (const wire of ["tcp", "websocket"] as const) {
    const { calls, echo } = addresses[wire];
    subjects.set(`call, ${wire}`, await callsOf(app, wire, calls));
    subjects.set(`echo by frame, ${wire}`, await echoOf(echo, "frame"));
    subjects.set(`echo by turn, ${wire}`, await echoOf(echo, "turn"));
  }
  subjects.set("stock libp2p by frame, tcp", await stockOf(addresses.stock));
  const { echo, "json-rpc": jsonRpc } = addresses.bareTcp;
  subjects.set("bare TCP by turn", await bareTcpOf(echo, "echo"));
  subjects.set("bare TCP by turn, JSON-RPC", await bareTcpOf(jsonRpc, "json-rpc"));
  if (sdk !== undefined) subjects.set("sdk-v2, http", await sdkOf(sdk));
  return subjects;
}

interface Round {
  readonly inFlight: number;
  readonly durationMs: number;
  readonly serverPid: number;
}

async function sample(
  ask: Ask,
  { inFlight, durationMs, serverPid }: Round,
): Promise<Omit<MeshSample, "subject">> {
  const latencies: number[] = [];
  const serverMs = cpuMsOf(serverPid);
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  const endsAt = startedAt + durationMs;
  let turn = 0;
  const worker = async (): Promise<void> => {
    for (let sentAt = performance.now(); sentAt < endsAt; ) {
      await ask(turn++);
      const now = performance.now();
      latencies.push(now - sentAt);
      sentAt = now;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  const elapsedMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpu);
  return {
    inFlight,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    perSecond: (latencies.length * 1000) / elapsedMs,
    calls: latencies.length,
    clientMs: (user + system) / 1000,
    serverMs: cpuMsOf(serverPid) - serverMs,
  };
}

async function run(job: MeshJob): Promise<readonly MeshSample[]> {
  const subjects = await subjectsOf(job);
  const { serverPid, warmUpMs, roundMs: durationMs } = job;
  for (const ask of subjects.values()) {
    for (const inFlight of [1, Math.max(...job.inFlight)]) {
      await sample(ask, { inFlight, durationMs: warmUpMs, serverPid });
    }
  }
  const samples: MeshSample[] = [];
  for (let left = job.rounds; left > 0; left -= 1) {
    for (const inFlight of job.inFlight) {
      for (const [subject, ask] of subjects) {
        const round = { inFlight, durationMs, serverPid };
        samples.push({ subject, ...(await sample(ask, round)) });
      }
    }
  }
  return samples;
}

if (import.meta.main) {
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  const job = JSON.parse(Buffer.concat(chunks).toString("utf8")) as MeshJob;
  await host.terminal.print(`${JSON.stringify(await run(job))}\n`);
  host.exit(0);
}
