/**
 * JSON messages over one libp2p stream: frames in both directions, with backpressure in both.
 *
 * @module
 */

import type { Stream } from "@libp2p/interface";
import { IntegrityError, messageOf } from "../errors.ts";
import { FrameReader } from "./framing.ts";
import { Outbox } from "./outbox.ts";

/** What a carriage tells its owner. */
export interface CarriageEvents {
  /** A message came, `bytes` long on the wire. */
  message(value: unknown, bytes: number): void;
  /** A frame was whole, and what it held is no JSON text. */
  malformed(error: IntegrityError, bytes: number): void;
  /** The peer sends nothing more; it may still wait for answers. */
  ended(): void;
  /** The last event. Without an error, one of the sides closed in order. */
  closed(error?: Error): void;
}

/** Messages to and from one peer. */
export interface Carriage {
  readonly isOpen: boolean;
  /** So much waits for the peer to take it that nothing large should be added. */
  readonly isFull: boolean;
  /** Send the text of a JSON message; nothing happens on a closed carriage. */
  send(text: string): void;
  /** Deliver no more messages, and soon take no more from the wire, until `resume`. */
  pause(): void;
  resume(): void;
  /** Send what waits, however long the peer takes for it, and close. */
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

/** With this much on its way to one peer, more is not added. */
const FULL_BYTES = 64 * 1024 * 1024;

/** Reading stops while this much waits for the peer to take it. */
const HIGH_WATER_BYTES = 4 * 1024 * 1024;

/** What arrived is read in steps of this size, between which a pause takes effect. */
const STEP_BYTES = 64 * 1024;

/** Carry messages over an open stream. */
export function openCarriage(stream: Stream, options: CarriageOptions): Carriage {
  return new StreamCarriage(stream, options);
}

class StreamCarriage implements Carriage {
  readonly #stream: Stream;
  readonly #events: CarriageEvents;
  readonly #frames: FrameReader;
  readonly #book: CarriageOptions["book"];
  readonly #outbox: Outbox;
  /** Taken from the wire, and not read yet. */
  #arrived: Uint8Array[] = [];
  readonly #pauses = new Set<"owner" | "writes">();
  #isReading = false;
  #hasEnded = false;
  #isClosing = false;
  #isOver = false;
  readonly #ending = Promise.withResolvers<void>();

  constructor(stream: Stream, { maxFrameBytes, book, events }: CarriageOptions) {
    this.#book = book;
    this.#stream = stream;
    this.#events = events;
    this.#frames = new FrameReader(maxFrameBytes);
    this.#outbox = new Outbox(stream, book, {
      moved: () => this.#weigh(),
      failed: (error) => this.abort(error),
    });
    stream.addEventListener("message", ({ data }) => {
      this.#received(data instanceof Uint8Array ? [data] : data);
    });
    stream.addEventListener("close", ({ error }) => this.#over(error));
    stream.addEventListener("remoteCloseWrite", () => {
      this.#hasEnded = true;
      this.#tellEnd();
    });
    // A peer may have said everything before anybody listened.
    this.#hasEnded = stream.remoteWriteStatus === "closed";
    if (this.#hasEnded) queueMicrotask(() => this.#tellEnd());
  }

  get isOpen(): boolean {
    // The status of a stream stays "open" until both sides have closed.
    return !this.#isOver && !this.#isClosing && this.#stream.status === "open";
  }

  get isFull(): boolean {
    return this.#outbox.heldBytes > FULL_BYTES;
  }

  send(text: string): void {
    if (this.isOpen) this.#outbox.send(text);
  }

  #weigh(): void {
    if (this.#outbox.heldBytes > HIGH_WATER_BYTES) this.#pause("writes");
    else this.#unpause("writes");
  }

  #received(chunks: Iterable<Uint8Array>): void {
    for (const chunk of chunks) {
      this.#book.bytesIn += chunk.length;
      if (chunk.length <= STEP_BYTES) this.#arrived.push(chunk);
      else this.#arrived.push(...stepsOf(chunk));
    }
    this.#read();
  }

  #read(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    try {
      let read = 0;
      while (read < this.#arrived.length && this.#pauses.size === 0 && !this.#isOver) {
        for (const { text, bytes } of this.#frames.push(this.#arrived[read++] ?? NOTHING)) {
          if (!this.#isOver) this.#deliver(text, bytes);
        }
      }
      this.#arrived = read === this.#arrived.length ? [] : this.#arrived.slice(read);
    } catch (error) {
      this.abort(error instanceof Error ? error : new Error(messageOf(error)));
    } finally {
      this.#isReading = false;
    }
    this.#tellEnd();
  }

  #deliver(text: string, bytes: number): void {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (cause) {
      const message = `A frame of ${bytes} bytes is not JSON; each must hold one JSON-RPC message`;
      this.#events.malformed(new IntegrityError("malformed_frame", message, { cause }), bytes);
      return;
    }
    this.#events.message(value, bytes);
  }

  /** The end of what the peer sends comes after all that it sent, some of which may be paused. */
  #tellEnd(): void {
    if (!this.#hasEnded || this.#isOver || this.#isReading || this.#pauses.size > 0) return;
    if (this.#arrived.length > 0 || this.#stream.readBufferLength > 0) return;
    this.#hasEnded = false;
    if (this.#frames.isInside) {
      this.abort(new IntegrityError("malformed_frame", "The stream ended inside a frame"));
    } else this.#events.ended();
  }

  pause(): void {
    this.#pause("owner");
  }

  resume(): void {
    this.#unpause("owner");
  }

  #pause(reason: "owner" | "writes"): void {
    this.#pauses.add(reason);
    // libp2p throws at a pause once it has given out the last that the peer sent.
    if (this.#stream.readStatus === "readable") this.#stream.pause();
  }

  #unpause(reason: "owner" | "writes"): void {
    if (!this.#pauses.delete(reason) || this.#pauses.size > 0 || this.#isOver) return;
    this.#read();
    if (this.#pauses.size > 0 || this.#isOver) return;
    if (this.#stream.readStatus === "paused") this.#stream.resume();
    this.#tellEnd();
  }

  async close(): Promise<void> {
    if (!this.isOpen) return;
    this.#isClosing = true;
    // libp2p goes on waiting for a peer that takes nothing, also after the stream was aborted.
    await Promise.race([this.#closeStream(), this.#ending.promise]);
  }

  async #closeStream(): Promise<void> {
    await this.#outbox.emptied();
    if (this.#isOver) return;
    try {
      await this.#stream.close();
    } catch (error) {
      this.abort(error instanceof Error ? error : new Error(messageOf(error)));
    }
  }

  abort(error: Error): void {
    this.#stream.abort(error);
    this.#over(error);
  }

  #over(error?: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#outbox.drop();
    this.#arrived = [];
    this.#ending.resolve();
    this.#events.closed(error);
  }
}

const NOTHING: Uint8Array = new Uint8Array(0);

function stepsOf(chunk: Uint8Array): readonly Uint8Array[] {
  return Array.from({ length: Math.ceil(chunk.length / STEP_BYTES) }, (_, step) =>
    chunk.subarray(step * STEP_BYTES, (step + 1) * STEP_BYTES),
  );
}
