/**
 * The sending half of a carriage: what one turn of the event loop produces leaves in one send, and
 * what the stream does not take yet is held back.
 *
 * Sending per frame costs a noise record, a yamux frame and a system call each; together they carry
 * four times as many messages a second.
 *
 * @module
 */

import type { Stream } from "@libp2p/interface";
import { afterTurn } from "../concurrency/turn.ts";
import { encodeFrames } from "./framing.ts";
import { MAX_WRITE_BYTES } from "./protocol.ts";

/** What an outbox tells its carriage. */
export interface OutboxEvents {
  /** Bytes were held back, or some of those left. */
  moved(): void;
  failed(error: Error): void;
}

/** Texts on their way to a peer. */
export class Outbox {
  readonly #stream: Stream;
  readonly #book: { bytesOut: number };
  readonly #events: OutboxEvents;
  #waiting: string[] = [];
  /** Encoded, and held back until the stream drains. */
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #isFlushDue = false;
  #isDraining = false;
  #emptied: (() => void) | undefined;
  readonly #flush = (): void => {
    this.#isFlushDue = false;
    this.#sendWaiting();
  };

  constructor(stream: Stream, book: { bytesOut: number }, events: OutboxEvents) {
    this.#stream = stream;
    this.#book = book;
    this.#events = events;
    stream.addEventListener("drain", () => this.#drained());
  }

  /** Bytes that the stream has not taken yet. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  send(text: string): void {
    this.#waiting.push(text);
    if (this.#isFlushDue) return;
    this.#isFlushDue = true;
    afterTurn(this.#flush);
  }

  /** Resolves when the stream has taken everything, or nothing is to be sent any more. */
  emptied(): Promise<void> {
    this.#sendWaiting();
    if (this.#held.length === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#emptied = resolve;
    });
  }

  /** Forget what waits. */
  drop(): void {
    this.#waiting = [];
    this.#held = [];
    this.#heldBytes = 0;
    this.#emptied?.();
  }

  #sendWaiting(): void {
    const texts = this.#waiting;
    if (texts.length === 0) return;
    this.#waiting = [];
    const bytes = encodeFrames(texts);
    this.#book.bytesOut += bytes.length;
    this.#write(bytes);
  }

  #write(bytes: Uint8Array): void {
    if (this.#isDraining) {
      this.#hold(bytes);
      return;
    }
    for (let at = 0; at < bytes.length; at += MAX_WRITE_BYTES) {
      const end = Math.min(at + MAX_WRITE_BYTES, bytes.length);
      let isReady: boolean;
      try {
        isReady = this.#stream.send(bytes.subarray(at, end));
      } catch (error) {
        this.#events.failed(error instanceof Error ? error : new Error(String(error)));
        return;
      }
      if (isReady) continue;
      this.#isDraining = true;
      if (end < bytes.length) this.#hold(bytes.subarray(end));
      return;
    }
  }

  #hold(bytes: Uint8Array): void {
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
    this.#events.moved();
  }

  #drained(): void {
    this.#isDraining = false;
    if (this.#held.length === 0) return;
    const held = this.#held;
    this.#held = [];
    this.#heldBytes = 0;
    for (const bytes of held) this.#write(bytes);
    this.#events.moved();
    if (this.#held.length === 0) this.#emptied?.();
  }
}
