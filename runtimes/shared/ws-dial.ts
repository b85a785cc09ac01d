/**
 * WebSockets that Deno opens: those of `ws`, without Nagle's delay.
 *
 * Deno 2.9's own WebSocket holds a second small message back until the first is acknowledged, which
 * takes the other side 40 ms, and cannot be told otherwise.
 *
 * @module
 */

import type { IncomingMessage } from "node:http";
import { WebSocket } from "ws";
import { UnavailableError } from "../../src/errors.ts";
import type { AcceptedSocket } from "../../src/host.ts";
import { MAX_SOCKET_MESSAGE_BYTES } from "./socket-path.ts";
import { adaptSocket } from "./ws-socket.ts";

/** Open a WebSocket for binary messages; gives up when the signal fires. */
export async function dialSocket(url: URL, signal: AbortSignal): Promise<AcceptedSocket> {
  signal.throwIfAborted();
  const web = new WebSocket(url, {
    perMessageDeflate: false,
    maxPayload: MAX_SOCKET_MESSAGE_BYTES,
  });
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(signal.reason);
      web.terminate();
    };
    signal.addEventListener("abort", abort, { once: true });
    let socket: AcceptedSocket | undefined;
    web.once("upgrade", (response: IncomingMessage) => {
      // Messages may follow the answer in the same packet.
      socket = adaptSocket(web, response.socket);
    });
    web.once("open", () => {
      signal.removeEventListener("abort", abort);
      if (socket) resolve(socket);
    });
    web.once("error", (cause) => {
      signal.removeEventListener("abort", abort);
      const message = `${url.href} could not be opened: ${cause.message}`;
      reject(new UnavailableError("peer_unreachable", message, { cause }));
    });
  });
}
