/** WebSockets of `Bun.serve`. @module */

import type { AcceptedSocket } from "../../src/host.ts";
import { createMessageSocket, type MessageSocket } from "../../src/mesh/message-socket.ts";
import { isSocketPath, MAX_SOCKET_MESSAGE_BYTES } from "./socket-path.ts";

/** What Bun keeps for us with each socket. */
export interface SocketData {
  readonly remote: AcceptedSocket["remote"];
  ours?: MessageSocket;
}

/** Take over an upgrade; false where the request is an ordinary one. */
export function upgrade(request: Request, server: Bun.Server<SocketData>): boolean {
  if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") return false;
  if (!isSocketPath(request.url)) return false;
  const { address = "0.0.0.0", port = 0 } = server.requestIP(request) ?? {};
  return server.upgrade(request, { data: { remote: { hostname: address, port } } });
}

/** The handler of every socket: hands them to `onSocket`. */
export function socketHandler(
  onSocket: (socket: AcceptedSocket) => void,
): Bun.WebSocketHandler<SocketData> {
  return {
    maxPayloadLength: MAX_SOCKET_MESSAGE_BYTES,
    perMessageDeflate: false,
    // Who is quiet may be well: libp2p pings by itself.
    idleTimeout: 0,
    // Beyond the limit Bun drops messages, which would tear the stream: cut the socket off instead.
    backpressureLimit: 64 * 1024 * 1024,
    closeOnBackpressureLimit: true,
    open(web) {
      const ours = createMessageSocket({
        remote: web.data.remote,
        get bufferedBytes() {
          return web.getBufferedAmount();
        },
        send: (bytes) => void web.sendBinary(bytes),
        close: () => web.close(),
      });
      web.data.ours = ours;
      onSocket(ours.socket);
    },
    message(web, data) {
      if (typeof data === "string") web.close();
      else web.data.ours?.arrived(data);
    },
    close: (web) => web.data.ours?.ended(),
  };
}
