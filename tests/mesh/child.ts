/**
 * A node in a process of its own, on whichever host runs this file.
 *
 * Reads one JSON command a line and answers with one JSON line each; the first line it writes has
 * its addresses. Ends when it is told to stop or its input ends.
 *
 * @module
 */

import process from "node:process";
import { createInterface } from "node:readline";
import { host } from "#host";
import { openTransports } from "../../runtimes/shared/transports.ts";
import type { MeshNode } from "../../src/mesh/mesh-node.ts";
import { ECHO, echoed, serveEcho } from "../support/echo.ts";
import { startNode, webSocketTransport } from "../support/mesh-nodes.ts";

/** What the parent may ask. */
export type Command = { readonly dial: string; readonly isKept: boolean } | { readonly stop: true };

/** What came of a dial. */
export interface Dialled {
  readonly transport: string;
  readonly p50Ms: number;
  readonly wasConnected: boolean;
}

const WARM_UP = 200;
const SAMPLES = 200;

const cleanups: (() => Promise<void>)[] = [];
const t = { after: (run: () => Promise<void>) => void cleanups.push(run) };

async function dial(node: MeshNode, address: string, isKept: boolean): Promise<Dialled> {
  const { peer, transport } = await node.connect(address);
  const stream = await node.openStream(peer, ECHO);
  const message = new Uint8Array(200);
  const times: number[] = [];
  for (let round = 0; round < WARM_UP + SAMPLES; round += 1) {
    const start = performance.now();
    await echoed(stream, message);
    if (round >= WARM_UP) times.push(performance.now() - start);
  }
  const big = new Uint8Array(300_000).fill(9);
  const back = await echoed(stream, big);
  if (!back.every((byte) => byte === 9)) throw new Error("the echo differs from what was sent");
  const p50Ms = times.toSorted((a, b) => a - b)[SAMPLES / 2] ?? Number.NaN;
  const wasConnected = isKept || (await node.disconnect(peer));
  return { transport, p50Ms, wasConnected };
}

const { transports } = await openTransports({
  hostname: "127.0.0.1",
  tcpPort: 0,
  quicPort: "off",
  webRtcPort: 0,
  webTransportPort: "off",
});
const node = await startNode(t, [await webSocketTransport(t), ...transports]);
await serveEcho(node);
const tell = (value: unknown): void => console.log(JSON.stringify(value));
tell(node.addresses());

for await (const line of createInterface({ input: process.stdin })) {
  const command: Command = JSON.parse(line);
  if ("stop" in command) break;
  const answer = dial(node, command.dial, command.isKept);
  tell(await answer.catch((error: Error) => ({ error: error.message })));
}
for (const cleanup of cleanups.reverse()) await cleanup();
host.exit(0);
