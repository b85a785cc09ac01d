/** Bare nodes of libp2p beside which calls are measured: made as ours are, and as libp2p comes. @module */

import { identify } from "@libp2p/identify";
import { noise } from "@libp2p/noise";
import { tcp } from "@libp2p/tcp";
import { yamux } from "@libp2p/yamux";
import { createLibp2p, type Libp2p } from "libp2p";
import { host } from "#host";
import { createSocketFeed } from "../src/cli/socket-feed.ts";
import { webSocketAddress } from "../src/mesh/addresses.ts";
import { createNode } from "../src/mesh/create-node.ts";
import { createIdentity } from "../src/mesh/identity.ts";
import type { MeshNode } from "../src/mesh/mesh-node.ts";
import type { MeshTransport } from "../src/mesh/node-options.ts";
import { createWebSocketTransport } from "../src/mesh/web-socket-transport.ts";

/** The transports that are compared. */
export type Wire = "tcp" | "websocket";

const hostname = "127.0.0.1";
const off = { quicPort: "off", webRtcPort: "off", webTransportPort: "off" } as const;

async function tcpTransports(tcpPort: 0 | "off"): Promise<readonly MeshTransport[]> {
  const opened = await host.openTransports?.({ hostname, tcpPort, ...off });
  return (opened?.transports ?? []) as readonly MeshTransport[];
}

async function listeningOn(wire: Wire): Promise<readonly MeshTransport[]> {
  if (wire === "tcp") return tcpTransports(0);
  let port = 0;
  const feed = createSocketFeed(() => port);
  const answer = (): Response => new Response("http");
  ({ port } = await host.listen(answer, { hostname, port: 0, onSocket: feed.accept }));
  const listen = [webSocketAddress(hostname, port)];
  return [createWebSocketTransport({ accepts: { feed, listen } })];
}

/** A node of ours that knows no MCP; without a wire it only dials. */
export async function bareNode(wire?: Wire): Promise<MeshNode> {
  const identity = await createIdentity(crypto.getRandomValues(new Uint8Array(32)));
  if (wire) return createNode({ identity, transports: await listeningOn(wire) });
  const dial = host.dialSocket;
  const webSocket = createWebSocketTransport(dial ? { dial } : {});
  return createNode({ identity, transports: [...(await tcpTransports("off")), webSocket] });
}

/** libp2p over TCP as its documentation makes it. */
export function stockNode(): Promise<Libp2p> {
  return createLibp2p({
    addresses: { listen: [`/ip4/${hostname}/tcp/0`] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify() },
  });
}
