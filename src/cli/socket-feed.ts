/** WebSockets from the moment a port is open, for the mesh that takes them later. @module */

import type { AcceptedSocket, SocketFeed } from "../host.ts";

/** More than that while a server starts is no honest crowd. */
const MAX_WAITING = 64;

/** A feed, and the end that a listener fills. */
export interface FilledFeed extends SocketFeed {
  readonly accept: (socket: AcceptedSocket) => void;
}

/** A feed of the sockets of a port that is asked for once it is known. */
export function createSocketFeed(port: () => number): FilledFeed {
  const waiting: AcceptedSocket[] = [];
  const keep = (socket: AcceptedSocket): void => {
    if (waiting.length < MAX_WAITING) waiting.push(socket);
    else socket.close();
  };
  let accept = keep;
  const passTo = (taker: (socket: AcceptedSocket) => void): void => {
    accept = taker;
    for (const socket of waiting.splice(0)) taker(socket);
  };
  return {
    get port() {
      return port();
    },
    accept: (socket) => accept(socket),
    take: passTo,
    refuse: () => passTo((socket) => socket.close()),
  };
}
