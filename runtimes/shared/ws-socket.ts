/** A socket of `ws` as the mesh takes it. @module */

import type { Socket } from "node:net";
import type { WebSocket } from "ws";
import type { AcceptedSocket } from "../../src/host.ts";
import { createMessageSocket } from "../../src/mesh/message-socket.ts";

/** Wrap an open socket, or one that is opening on this connection. */
export function adaptSocket(web: WebSocket, tcp: Socket): AcceptedSocket {
  tcp.setNoDelay(true);
  const { socket, arrived, ended } = createMessageSocket({
    remote: { hostname: tcp.remoteAddress ?? "0.0.0.0", port: tcp.remotePort ?? 0 },
    get bufferedBytes() {
      return web.bufferedAmount;
    },
    send(bytes) {
      if (web.readyState === web.OPEN) web.send(bytes);
    },
    close: () => web.close(),
  });
  web.on("message", (data: Buffer, isBinary) => {
    if (isBinary) arrived(data);
    else web.close();
  });
  // `close` follows and says the same to the mesh.
  web.on("error", () => undefined);
  web.on("close", ended);
  return socket;
}
