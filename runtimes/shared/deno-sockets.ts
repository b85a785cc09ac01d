/** WebSockets of `Deno.serve`. @module */

import type { AcceptedSocket } from "../../src/host.ts";
import { createMessageSocket } from "../../src/mesh/message-socket.ts";
import { isSocketPath } from "./socket-path.ts";

/** Sockets that are open. */
export interface DenoSockets {
  /** Take over an upgrade; undefined where the request is an ordinary one. */
  upgrade(request: Request, remote: AcceptedSocket["remote"]): Response | undefined;
  closeAll(): void;
}

/** Hands sockets to `onSocket`. */
export function createDenoSockets(onSocket: (socket: AcceptedSocket) => void): DenoSockets {
  const open = new Set<WebSocket>();
  return {
    upgrade(request, remote) {
      if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") return undefined;
      if (!isSocketPath(request.url)) return undefined;
      // Deno would ping by itself and cut off whoever does not answer; libp2p does that.
      const { socket: web, response } = Deno.upgradeWebSocket(request, { idleTimeout: 0 });
      web.binaryType = "arraybuffer";
      const { socket, arrived, ended } = createMessageSocket({
        remote,
        get bufferedBytes() {
          return web.bufferedAmount;
        },
        send(bytes) {
          if (web.readyState === WebSocket.OPEN) web.send(bytes as Uint8Array<ArrayBuffer>);
        },
        close: () => web.close(),
      });
      web.onopen = () => {
        open.add(web);
        onSocket(socket);
      };
      web.onmessage = ({ data }: MessageEvent<unknown>) => {
        if (data instanceof ArrayBuffer) arrived(new Uint8Array(data));
        else web.close();
      };
      // `close` follows and says the same to the mesh.
      web.onerror = () => undefined;
      web.onclose = () => {
        open.delete(web);
        ended();
      };
      return response;
    },
    closeAll() {
      for (const web of open) web.close();
    },
  };
}
