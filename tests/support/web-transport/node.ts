/**
 * A node on Deno that listens for WebTransport, as a program: it prints its address, and an answer
 * to each line that it reads.
 *
 *   renew   let the first certificate expire; the new address
 *   echo    send bytes to the page that is connected; "true" where they came back
 *   hold    open a stream to the page; "open"
 *   ended   wait until that stream ends; how it ended
 *
 * @module
 */

import process from "node:process";
import { createInterface } from "node:readline";
import type {
  CreateListenerOptions,
  Stream,
  StreamMessageEvent,
  Transport,
} from "@libp2p/interface";
import { createDenoWebTransport } from "../../../runtimes/shared/deno-web-transport.ts";
import type { WebTransportListener } from "../../../runtimes/shared/deno-web-transport-listener.ts";
import { createNode } from "../../../src/mesh/create-node.ts";
import { createIdentity } from "../../../src/mesh/identity.ts";
import type { MeshNode } from "../../../src/mesh/mesh-node.ts";
import type { MeshTransport } from "../../../src/mesh/node-options.ts";
import { ECHO, echoed } from "../echo.ts";

const HOUR_MS = 3_600_000;

/** A page's clock is the machine's, so ours begins in the past: both certificates are valid now. */
let now = Date.now() - (13 * 24 - 2) * HOUR_MS;

let listener: WebTransportListener | undefined;

const transport = createDenoWebTransport("/ip4/127.0.0.1/udp/0/quic-v1/webtransport", () => now);
const watched: MeshTransport = {
  ...transport,
  create(components) {
    const created = transport.create(components) as Transport;
    const createListener = created.createListener.bind(created);
    created.createListener = (options: CreateListenerOptions) => {
      listener = createListener(options) as WebTransportListener;
      return listener;
    };
    return created;
  },
};

let held: Stream | undefined;

/** The page; its dial may be done there a moment before it is done here. */
async function pageOf(node: MeshNode): Promise<string> {
  const connected = new Promise<string>((resolve) => {
    node.onPeer(({ type, peer }) => {
      if (type === "connected") resolve(peer);
    });
  });
  return node.connections()[0]?.peer ?? (await connected);
}

async function answer(node: MeshNode, command: string): Promise<string> {
  switch (command) {
    case "renew":
      now = Date.now();
      await listener?.renew();
      return node.addresses()[0] ?? "";
    case "echo": {
      const bytes = crypto.getRandomValues(new Uint8Array(60_000));
      const back = await echoed(await node.openStream(await pageOf(node), ECHO), bytes);
      return String(back.every((byte, at) => byte === bytes[at]));
    }
    case "hold":
      held = await node.openStream(await pageOf(node), ECHO);
      return "open";
    default: {
      const stream = held;
      if (stream?.status === "open") {
        await new Promise((ended) => stream.addEventListener("close", ended, { once: true }));
      }
      return stream?.status ?? "none";
    }
  }
}

const identity = await createIdentity(crypto.getRandomValues(new Uint8Array(32)));
const node = await createNode({ identity, transports: [watched] });
await node.handle(ECHO, (stream) => {
  stream.addEventListener("message", ({ data }: StreamMessageEvent) => void stream.send(data));
  // A stream counts against its connection until both sides have closed it.
  stream.addEventListener("remoteCloseWrite", () => {
    stream.close().catch((error: Error) => stream.abort(error));
  });
});
console.log(node.addresses()[0]);
for await (const command of createInterface(process.stdin)) {
  console.log(await answer(node, command).catch(String));
}
await node.stop();
process.exit(0);
