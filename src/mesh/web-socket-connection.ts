/**
 * A libp2p connection over one WebSocket that sends once per turn.
 *
 * What libp2p sends for one message (the length that noise adds, the header of yamux, the body) comes
 * in pieces. All that is sent within one microtask leaves as one WebSocket message: js-libp2p's own
 * transport sends a frame for each piece, which costs 44 ms a message on Deno 2.9, whose sockets wait
 * for the acknowledgement of one small packet before they send the next.
 *
 * @module
 */

import type { MessageStreamDirection } from "@libp2p/interface";
import { AbstractMultiaddrConnection, type SendResult } from "@libp2p/utils";
import type { Clock } from "../concurrency/clock.ts";
import type { AcceptedSocket } from "../host.ts";

/** What a connection is made of. */
export interface WebSocketConnectionInit {
  readonly socket: AcceptedSocket;
  readonly remoteAddr: AbstractMultiaddrConnection["remoteAddr"];
  readonly direction: MessageStreamDirection;
  readonly log: AbstractMultiaddrConnection["log"];
  readonly clock: Clock;
}

/** A longer turn leaves in several messages, so that a receiver need not hold all of it at once. */
const MAX_MESSAGE_BYTES: number = 256 * 1024;

/** Above it, senders wait; below the low one, they go on. */
const HIGH_WATER_BYTES: number = 1024 * 1024;
const LOW_WATER_BYTES: number = 256 * 1024;

/** The web's sockets do not say when they have drained. */
const DRAIN_POLL_MS = 4;

type Pieces = Parameters<AbstractMultiaddrConnection["sendData"]>[0];

export class WebSocketConnection extends AbstractMultiaddrConnection {
  readonly #socket: AcceptedSocket;
  readonly #clock: Clock;
  #turn: Uint8Array[] = [];
  #turnBytes = 0;
  #stopPolling: (() => void) | undefined;

  constructor({ socket, clock, ...init }: WebSocketConnectionInit) {
    super(init);
    this.#socket = socket;
    this.#clock = clock;
    socket.receive({
      message: (bytes) => this.onData(bytes),
      closed: () => {
        this.#stopPolling?.();
        this.onTransportClosed();
      },
    });
  }

  override sendData(data: Pieces): SendResult {
    if (this.#turnBytes === 0) queueMicrotask(() => this.#flush());
    this.#turn.push(...data);
    this.#turnBytes += data.byteLength;
    const canSendMore = this.#turnBytes + this.#socket.bufferedBytes < HIGH_WATER_BYTES;
    return { sentBytes: data.byteLength, canSendMore };
  }

  override async sendClose(): Promise<void> {
    this.#flush();
    this.#socket.close();
  }

  override sendReset(): void {
    this.#turn = [];
    this.#turnBytes = 0;
    this.#stopPolling?.();
    this.#socket.close();
  }

  // The web's sockets cannot be paused: yamux bounds what may be under way.
  override sendPause(): void {}
  override sendResume(): void {}

  #flush(): void {
    if (this.#turnBytes === 0) return;
    const all = concat(this.#turn, this.#turnBytes);
    this.#turn = [];
    this.#turnBytes = 0;
    for (let start = 0; start < all.byteLength; start += MAX_MESSAGE_BYTES) {
      this.#socket.send(all.subarray(start, start + MAX_MESSAGE_BYTES));
    }
    if (this.writableNeedsDrain) this.#awaitDrain();
  }

  #awaitDrain(): void {
    this.#stopPolling?.();
    if (this.#socket.bufferedBytes > LOW_WATER_BYTES) {
      this.#stopPolling = this.#clock.after(DRAIN_POLL_MS, () => this.#awaitDrain());
      return;
    }
    this.#stopPolling = undefined;
    this.safeDispatchEvent("drain");
  }
}

function concat(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const [only] = pieces;
  if (only && pieces.length === 1) return only;
  const all = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.byteLength;
  }
  return all;
}
