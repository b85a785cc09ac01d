/** A protocol that sends back what it gets, to try streams with. @module */

import type { MessageStream, StreamMessageEvent } from "@libp2p/interface";
import type { MeshNode } from "../../src/mesh/mesh-node.ts";

export const ECHO = "/mcp+p2p/test-echo/1.0.0";

/** Let a node send back whatever comes on {@link ECHO}. */
export async function serveEcho(node: MeshNode): Promise<void> {
  await node.handle(ECHO, (stream) => {
    stream.addEventListener("message", ({ data }: StreamMessageEvent) => void stream.send(data));
  });
}

/** Send these bytes, and wait until as many came back. */
export async function echoed(stream: MessageStream, bytes: Uint8Array): Promise<Uint8Array> {
  const back = new Uint8Array(bytes.byteLength);
  let received = 0;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const take = ({ data }: StreamMessageEvent): void => {
    back.set(data.subarray(), received);
    received += data.byteLength;
    if (received === bytes.byteLength) resolve();
  };
  const fail = (): void => reject(new Error(`closed after ${received} bytes of the echo`));
  stream.addEventListener("message", take);
  stream.addEventListener("close", fail);
  stream.send(bytes);
  await promise;
  stream.removeEventListener("message", take);
  stream.removeEventListener("close", fail);
  return back;
}
