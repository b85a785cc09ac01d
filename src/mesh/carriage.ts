/**
 * JSON messages over one libp2p stream: frames in both directions, what one turn of the event loop
 * produces leaving in one send.
 *
 * Sending per frame costs a noise record, a yamux frame and a system call each; together they carry
 * four times as many messages a second.
 *
 * @module
 */

import type { Stream } from "@libp2p/interface";
import { afterTurn } from "../concurrency/turn.ts";
import { IntegrityError, messageOf, UnavailableError } from "../errors.ts";
import { encodeFrames, FrameReader } from "./framing.ts";
import { MAX_WRITE_BYTES } from "./protocol.ts";

/** What a carriage tells its owner. */
export interface CarriageEvents {
  /** A message came, `bytes` long on the wire. */
  message(value: unknown, bytes: number): void;
  /** A frame was whole, and what it held is no JSON text. */
  malformed(error: IntegrityError): void;
  /** The peer sends nothing more; it may still wait for answers. */
  ended(): void;
  /** The last event. Without an error, one of the sides closed in order. */
  closed(error?: Error): void;
}

/** Messages to and from one peer. */
export interface Carriage {
  readonly isOpen: boolean;
  /** Bytes that the peer has not taken yet. */
  readonly bufferedBytes: number;
  /** Send the text of a JSON message; nothing happens on a closed carriage. */
  send(text: string): void;
  /** Take no more from the wire until `resume`. */
  pause(): void;
  resume(): void;
  /** Send what waits and close. */
  close(): Promise<void>;
  /** Give up at once. */
  abort(error: Error): void;
}

/** How a carriage behaves. */
export interface CarriageOptions {
  readonly maxFrameBytes: number;
  /** Where bytes on the wire are counted, those of lengths included. */
  readonly book: { bytesIn: number; bytesOut: number };
  readonly events: CarriageEvents;
}

/** A peer that reads this little of what it asked for is let go. */
const MAX_BUFFERED_BYTES = 64 * 1024 * 1024;

/** Reading stops while this much waits for the peer to take it. */
const HIGH_WATER_BYTES = 4 * 1024 * 1024;

/** Carry messages over an open stream. */
export function openCarriage(stream: Stream, options: CarriageOptions): Carriage {
  return new StreamCarriage(stream, options);
}

class StreamCarriage implements Carriage {
  readonly #stream: Stream;
  readonly #events: CarriageEvents;
  readonly #frames: FrameReader;
  readonly #book: CarriageOptions["book"];
  #waiting: string[] = [];
  /** Encoded, and held back until the stream drains. */
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #isFlushDue = false;
  #isDraining = false;
  #pauses = new Set<"owner" | "writes">();
  #isOver = false;
  readonly #flush = (): void => {
    this.#isFlushDue = false;
    this.#sendWaiting();
  };

  constructor(stream: Stream, { maxFrameBytes, book, events }: CarriageOptions) {
    this.#book = book;
    this.#stream = stream;
    this.#events = events;
    this.#frames = new FrameReader(maxFrameBytes);
    stream.addEventListener("message", ({ data }) => {
      this.#received(data instanceof Uint8Array ? [data] : data);
    });
    stream.addEventListener("drain", () => this.#drained());
    stream.addEventListener("close", ({ error }) => this.#over(error));
    stream.addEventListener("remoteCloseWrite", () => this.#ended());
  }

  get isOpen(): boolean {
    return !this.#isOver && this.#stream.status === "open";
  }

  get bufferedBytes(): number {
    return this.#heldBytes + this.#stream.writeBufferLength;
  }

  send(text: string): void {
    if (!this.isOpen) return;
    this.#waiting.push(text);
    if (this.#isFlushDue) return;
    this.#isFlushDue = true;
    afterTurn(this.#flush);
  }

  #sendWaiting(): void {
    const texts = this.#waiting;
    if (texts.length === 0 || !this.isOpen) return;
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
      if (this.#sendNow(bytes.subarray(at, end))) continue;
      this.#isDraining = true;
      if (end < bytes.length) this.#hold(bytes.subarray(end));
      return;
    }
  }

  /** False: the stream has enough for now. */
  #sendNow(bytes: Uint8Array): boolean {
    try {
      return this.#stream.send(bytes);
    } catch (error) {
      this.abort(error instanceof Error ? error : new Error(String(error)));
      return false;
    }
  }

  #hold(bytes: Uint8Array): void {
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
    if (this.#heldBytes > MAX_BUFFERED_BYTES) {
      this.abort(
        new UnavailableError(
          "peer_unreachable",
          `The peer does not read: ${this.#heldBytes} bytes of answers wait for it`,
        ),
      );
    } else if (this.#heldBytes > HIGH_WATER_BYTES) this.#pause("writes");
  }

  #drained(): void {
    this.#isDraining = false;
    const held = this.#held;
    this.#held = [];
    this.#heldBytes = 0;
    for (const bytes of held) this.#write(bytes);
    if (this.#heldBytes <= HIGH_WATER_BYTES) this.#unpause("writes");
  }

  #received(chunks: Iterable<Uint8Array>): void {
    try {
      for (const chunk of chunks) {
        this.#book.bytesIn += chunk.length;
        for (const { text, bytes } of this.#frames.push(chunk)) {
          if (this.#isOver) return;
          this.#deliver(text, bytes);
        }
      }
    } catch (error) {
      this.abort(error instanceof Error ? error : new Error(messageOf(error)));
    }
  }

  #deliver(text: string, bytes: number): void {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (cause) {
      const message = `A frame of ${bytes} bytes is not JSON; each must hold one JSON-RPC message`;
      this.#events.malformed(new IntegrityError("malformed_frame", message, { cause }));
      return;
    }
    this.#events.message(value, bytes);
  }

  #ended(): void {
    if (this.#frames.isInside) {
      this.abort(new IntegrityError("malformed_frame", "The stream ended inside a frame"));
      return;
    }
    this.#events.ended();
  }

  pause(): void {
    this.#pause("owner");
  }

  resume(): void {
    this.#unpause("owner");
  }

  #pause(reason: "owner" | "writes"): void {
    if (this.#pauses.size === 0 && this.isOpen) this.#stream.pause();
    this.#pauses.add(reason);
  }

  #unpause(reason: "owner" | "writes"): void {
    if (!this.#pauses.delete(reason) || this.#pauses.size > 0 || !this.isOpen) return;
    this.#stream.resume();
  }

  async close(): Promise<void> {
    this.#sendWaiting();
    if (this.#stream.status !== "open") return;
    await this.#stream.close();
  }

  abort(error: Error): void {
    if (this.#stream.status === "open" || this.#stream.status === "closing") {
      this.#stream.abort(error);
    }
    this.#over(error);
  }

  #over(error?: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#waiting = [];
    this.#held = [];
    this.#events.closed(error);
  }
}
