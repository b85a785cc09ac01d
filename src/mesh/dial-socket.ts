/** WebSockets that this process opens, with the socket of the web. @module */

import { messageOf, UnavailableError } from "../errors.ts";
import type { AcceptedSocket } from "../host.ts";
import { createMessageSocket } from "./message-socket.ts";

/** Opens a WebSocket; resolves when it is open, and gives up when the signal fires. */
export type DialSocket = (url: URL, signal: AbortSignal) => Promise<AcceptedSocket>;

/** Open a WebSocket for binary messages. */
export const dialSocket: DialSocket = async (url, signal) => {
  signal.throwIfAborted();
  const web = new WebSocket(url);
  web.binaryType = "arraybuffer";
  const { socket, arrived, ended } = createMessageSocket({
    remote: { hostname: url.hostname, port: Number(url.port) },
    get bufferedBytes() {
      return web.bufferedAmount;
    },
    send(bytes) {
      // A socket that is about to close takes nothing more, and its other side wants nothing.
      if (web.readyState === WebSocket.OPEN) web.send(bytes as Uint8Array<ArrayBuffer>);
    },
    close: () => web.close(),
  });
  web.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
    if (data instanceof ArrayBuffer) arrived(new Uint8Array(data));
    else web.close();
  });
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      // First, because closing may be told as an error at once.
      reject(signal.reason);
      web.close();
    };
    signal.addEventListener("abort", abort, { once: true });
    const settle = (): void => signal.removeEventListener("abort", abort);
    web.addEventListener("open", () => {
      settle();
      resolve(socket);
    });
    web.addEventListener("error", (event) => {
      settle();
      reject(refused(url, event));
      web.close();
    });
    web.addEventListener("close", () => {
      settle();
      ended();
      reject(refused(url));
    });
  });
};

/** Hosts tell why in `error` or `message` of the event; pages do not. */
function refused(url: URL, event?: Event): UnavailableError {
  const { error, message } = (event ?? {}) as { error?: unknown; message?: unknown };
  const told = error ? messageOf(error) : typeof message === "string" ? message : "";
  const why = told === "" ? "no WebSocket answered" : told;
  return new UnavailableError("peer_unreachable", `${url.href} could not be opened: ${why}`, {
    cause: error,
  });
}
