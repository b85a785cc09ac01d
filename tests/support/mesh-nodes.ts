/** Nodes of the mesh for tests: on the ports of this host, or in memory. @module */

import { memory } from "@libp2p/memory";
import { host } from "#host";
import { createTcpTransport } from "../../runtimes/shared/tcp-transport.ts";
import { createSocketFeed } from "../../src/cli/socket-feed.ts";
import { webSocketAddress } from "../../src/mesh/addresses.ts";
import { createNode } from "../../src/mesh/create-node.ts";
import { createIdentity, type Identity } from "../../src/mesh/identity.ts";
import type { MeshNode } from "../../src/mesh/mesh-node.ts";
import type { MeshTransport, NodeOptions } from "../../src/mesh/node-options.ts";
import { createWebSocketTransport } from "../../src/mesh/web-socket-transport.ts";

export interface Cleanup {
  after(run: () => Promise<void>): void;
}

/** Why WebRTC is not tried in the process that runs the tests. */
export const webRtcReason: string | undefined =
  host.name === "deno"
    ? "Deno 2.9 crashes inside node-datachannel 0.33 when `deno test` ends; matrix.test.ts tries WebRTC-direct there"
    : undefined;

/** A new identity each time. */
export function anyIdentity(): Promise<Identity> {
  return createIdentity(crypto.getRandomValues(new Uint8Array(32)));
}

/** A transport within this process, listening at `/memory/<name>`. */
export function memoryTransport(name?: string): MeshTransport {
  return {
    name: "memory",
    create: memory() as MeshTransport["create"],
    listen: name === undefined ? [] : [`/memory/${name}`],
  };
}

/** TCP on a free port of this machine. */
export function tcpTransport(port = 0): MeshTransport {
  return createTcpTransport([`/ip4/127.0.0.1/tcp/${port}`]);
}

/** WebSockets on an HTTP port of the host that runs the tests. */
export async function webSocketTransport(t: Cleanup): Promise<MeshTransport> {
  let port = 0;
  const feed = createSocketFeed(() => port);
  const server = await host.listen(() => new Response("http"), {
    hostname: "127.0.0.1",
    port: 0,
    onSocket: feed.accept,
  });
  port = server.port;
  t.after(() => server.close());
  return createWebSocketTransport({
    ...(host.dialSocket && { dial: host.dialSocket }),
    accepts: { feed, listen: [webSocketAddress("127.0.0.1", port)] },
  });
}

/** A node that is stopped when the test is over. */
export async function startNode(
  t: Cleanup,
  transports: readonly MeshTransport[],
  options: Partial<NodeOptions> = {},
): Promise<MeshNode> {
  const node = await createNode({ identity: await anyIdentity(), transports, ...options });
  t.after(() => node.stop());
  return node;
}
