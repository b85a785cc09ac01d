/**
 * The answering side of `mesh-call`: our server on TCP, our server on WebSockets, and what they are
 * compared with: bare nodes of libp2p, and TCP alone.
 *
 * It tells its addresses in a line of JSON.
 *
 * @module
 */

import { once } from "node:events";
import { createServer } from "node:net";
import { host } from "#host";
import { listenEarly, placeOf } from "../../src/cli/listen.ts";
import { adder, startApp } from "../mesh-app.ts";
import type { MeshAddresses, Place } from "../mesh-client.ts";
import { answer, bareProtocol, linkOfSocket, linkOfStream, type Saying } from "../mesh-echo.ts";
import { bareNode, stockNode, type Wire } from "../mesh-nodes.ts";

const hostname = "127.0.0.1";

async function serveCalls(wire: Wire): Promise<string> {
  const listener = await listenEarly(host, {
    listen: { hostname, port: 0 },
    features: { mesh: true },
    mesh: { webSocket: wire === "websocket" },
  });
  const app = await startApp({
    name: wire,
    catalog: [adder(`add_${wire}`)],
    place: placeOf(listener),
    hasTcp: wire === "tcp",
  });
  listener.answerWith((request) => app.fetch(request));
  return app.mesh.peers?.self().addresses[0] ?? "";
}

async function serveEcho(wire: Wire): Promise<string> {
  const node = await bareNode(wire);
  for (const sending of ["frame", "turn"] as const) {
    await node.handle(bareProtocol(sending), (stream) => answer(linkOfStream(stream), sending));
  }
  return node.addresses()[0] ?? "";
}

async function serveStock(): Promise<string> {
  const node = await stockNode();
  await node.handle(bareProtocol("frame"), (stream) => answer(linkOfStream(stream), "frame"));
  return String(node.getMultiaddrs()[0]);
}

async function serveTcp(saying: Saying): Promise<number> {
  const server = createServer((socket) => answer(linkOfSocket(socket), "turn", saying));
  await once(server.listen(0, hostname), "listening");
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

const placeOn = async (wire: Wire): Promise<Place> => ({
  calls: await serveCalls(wire),
  echo: await serveEcho(wire),
});

const addresses: MeshAddresses = {
  tcp: await placeOn("tcp"),
  websocket: await placeOn("websocket"),
  stock: await serveStock(),
  bareTcp: { echo: await serveTcp("echo"), "json-rpc": await serveTcp("json-rpc") },
};
const port = addresses.bareTcp.echo;
await host.terminal.print(`${JSON.stringify({ port, addresses })}\n`);
host.stopRequested.addEventListener("abort", () => host.exit(0));
