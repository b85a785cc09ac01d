/** A peer in a page that dials over WebTransport; tests call its functions by name. @module */

import { identify } from "@libp2p/identify";
import type { StreamMessageEvent } from "@libp2p/interface";
import { noise } from "@libp2p/noise";
import { ping } from "@libp2p/ping";
import { webTransport } from "@libp2p/webtransport";
import { multiaddr } from "@multiformats/multiaddr";
import { createLibp2p } from "libp2p";
import { ECHO, echoed } from "../echo.ts";

const page = await createLibp2p({
  transports: [webTransport()],
  connectionEncrypters: [noise()],
  services: { identify: identify(), ping: ping() },
  // Pages do not dial their own machine otherwise.
  connectionGater: { denyDialMultiaddr: () => false },
});
await page.handle(ECHO, (stream) => {
  stream.addEventListener("message", ({ data }: StreamMessageEvent) => void stream.send(data));
});

Object.assign(globalThis, {
  peer: page.peerId.toString(),
  /** Connect anew; answers with the id of who is there. */
  async dial(address: string): Promise<string> {
    await Promise.all(page.getConnections().map((connection) => connection.close()));
    return (await page.dial(multiaddr(address))).remotePeer.toString();
  },
  /** Send so many bytes and get them back, each time on a stream of its own. */
  async echo(length: number, times: number): Promise<boolean> {
    const [connection] = page.getConnections();
    const bytes = Uint8Array.from({ length }, (_, at) => at % 251);
    for (let time = 0; time < times; time += 1) {
      const stream = await connection?.newStream(ECHO);
      if (!stream) return false;
      const back = await echoed(stream, bytes);
      if (back.some((byte, at) => byte !== bytes[at])) return false;
      await stream.close();
    }
    return true;
  },
});
