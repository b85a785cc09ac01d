/** WebSockets on Node's HTTP server: node:http hands the upgrade over, `ws` speaks the protocol. @module */

import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { AcceptedSocket } from "../../src/host.ts";
import { isSocketPath, MAX_SOCKET_MESSAGE_BYTES } from "./socket-path.ts";
import { adaptSocket } from "./ws-socket.ts";

/** Take over upgrades; returns the function that cuts every socket off. */
export function acceptSockets(
  server: Server,
  onSocket: (socket: AcceptedSocket) => void,
): () => void {
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAX_SOCKET_MESSAGE_BYTES,
  });
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Until `ws` listens, a broken connection would be an error that nobody handles.
    socket.on("error", () => socket.destroy());
    sockets.handleUpgrade(request, socket, head, (web) =>
      onSocket(adaptSocket(web, request.socket)),
    );
  });
  return () => {
    for (const web of sockets.clients) web.terminate();
  };
}

/** For `shouldUpgradeCallback`: upgrades elsewhere get the answer of the path, as on Bun and Deno. */
export function wantsSocket(request: Pick<IncomingMessage, "url" | "headers">): boolean {
  const { url = "", headers } = request;
  return headers.upgrade?.toLowerCase() === "websocket" && isSocketPath(url);
}
