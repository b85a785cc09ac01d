/**
 * A WebSocket as the mesh sees it, made of what a host has: whatever arrives before somebody
 * receives is kept, within a bound.
 *
 * @module
 */

import type { AcceptedSocket, SocketEvents } from "../host.ts";

/** What a host can do with one of its sockets. */
export type Wire = Omit<AcceptedSocket, "receive">;

/** Both ends of a {@link createMessageSocket}. */
export interface MessageSocket {
  readonly socket: AcceptedSocket;
  /** The host calls it for each message. */
  arrived(bytes: Uint8Array): void;
  /** The host calls it when the socket is gone; later calls do nothing. */
  ended(): void;
}

/** A handshake is far smaller: whoever sends more before it was answered is no peer. */
const MAX_EARLY_BYTES: number = 256 * 1024;

/** Join a host's socket to whoever will receive from it. */
export function createMessageSocket(wire: Wire): MessageSocket {
  let events: SocketEvents | undefined;
  let early: Uint8Array[] = [];
  let earlyBytes = 0;
  let isOver = false;

  return {
    socket: {
      remote: wire.remote,
      get bufferedBytes() {
        return wire.bufferedBytes;
      },
      send: (bytes) => wire.send(bytes),
      close: () => wire.close(),
      receive(given) {
        events = given;
        for (const bytes of early) events.message(bytes);
        early = [];
        if (isOver) events.closed();
      },
    },
    arrived(bytes) {
      if (isOver) return;
      if (events) return events.message(bytes);
      early.push(bytes);
      earlyBytes += bytes.byteLength;
      if (earlyBytes > MAX_EARLY_BYTES) wire.close();
    },
    ended() {
      if (isOver) return;
      isOver = true;
      events?.closed();
    },
  };
}
