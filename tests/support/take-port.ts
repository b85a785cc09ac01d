/** Whether the port of an address can be taken again. @module */

import { createSocket } from "node:dgram";
import { createServer } from "node:net";

/** Listen at the port of a multiaddr for a moment; rejects where somebody else still does. */
export function takePort(address: string): Promise<void> {
  const [, protocol, digits] = /\/(tcp|udp)\/(\d+)/.exec(address) ?? [];
  const port = Number(digits);
  return new Promise((resolve, reject) => {
    if (protocol === "udp") {
      const socket = createSocket("udp4").once("error", reject);
      socket.bind(port, "127.0.0.1", () => socket.close(() => resolve()));
    } else {
      const server = createServer().once("error", reject);
      server.listen(port, "127.0.0.1", () => server.close(() => resolve()));
    }
  });
}
