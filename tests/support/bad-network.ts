/** A TCP connection as a bad network makes it: late, and now and then held up as by a lost packet. @module */

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { Cleanup } from "./temp-folder.ts";

/** How bad. */
export interface BadNetwork {
  readonly delayMs: number;
  /** Part of the chunks that are lost and sent again, 0 to 1. */
  readonly loss: number;
  /** What a lost one costs: the sender waits so long before it sends again. */
  readonly resendMs: number;
  readonly random: () => number;
}

/** A port behind which `port` is reached through such a network. */
export async function badNetwork(t: Cleanup, port: number, bad: BadNetwork): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
    }
    carry(near, far, bad);
    carry(far, near, bad);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** In order, as TCP does: what comes after a lost chunk waits for it. */
function carry(from: Socket, to: Socket, { delayMs, loss, resendMs, random }: BadNetwork): void {
  let freeAt = 0;
  const later = (run: () => void): void => {
    const lost = random() < loss ? resendMs : 0;
    freeAt = Math.max(freeAt, performance.now() + delayMs + lost);
    setTimeout(run, freeAt - performance.now());
  };
  from.on("data", (chunk) => later(() => to.write(chunk)));
  from.on("close", () => later(() => to.destroy()));
}
