/** A libp2p stream in the hands of a test: what is sent stays here, what arrives comes from the test. @module */

import { type Stream, StreamCloseEvent, StreamMessageEvent } from "@libp2p/interface";
import { afterTurn } from "../../src/concurrency/turn.ts";
import { encodeFrames, FrameReader } from "../../src/mesh/framing.ts";

/** What of a stream the mesh uses, and what a test does with it. */
export class FakeStream extends EventTarget {
  status: "open" | "closed" | "aborted" = "open";
  readStatus: "readable" | "paused" | "closed" = "readable";
  writeStatus: "writable" | "closed" = "writable";
  remoteWriteStatus: "writable" | "closed" = "writable";
  /** Every write, in order. */
  readonly writes: Uint8Array[] = [];
  /** Writes that are taken before the stream asks to wait; counted down. */
  room: number = Number.POSITIVE_INFINITY;
  closes = 0;
  abortedWith: Error | undefined;
  #buffered: Uint8Array[] = [];
  readonly #frames = new FrameReader(64 * 1024 * 1024);
  #read = 0;

  /** This object as the interface that the code under test takes. */
  get asStream(): Stream {
    // Only the members above and below are used.
    return this as unknown as Stream;
  }

  get readBufferLength(): number {
    return this.#buffered.reduce((sum, { length }) => sum + length, 0);
  }

  send(bytes: Uint8Array): boolean {
    if (this.writeStatus === "closed") throw new Error("Cannot write to a stream that is closed");
    this.writes.push(bytes.slice());
    this.room -= 1;
    return this.room > 0;
  }

  pause(): void {
    if (this.readStatus === "closed") throw new Error("Cannot pause a stream that is closed");
    this.readStatus = "paused";
  }

  resume(): void {
    if (this.readStatus === "closed") throw new Error("Cannot resume a stream that is closed");
    this.readStatus = "readable";
    const buffered = this.#buffered;
    this.#buffered = [];
    for (const bytes of buffered) this.arrive(bytes);
  }

  close(): Promise<void> {
    this.closes += 1;
    this.writeStatus = "closed";
    return Promise.resolve();
  }

  abort(error: Error): void {
    if (this.status !== "open") return;
    this.abortedWith = error;
    this.#end("aborted", error);
  }

  /** Bytes come from the peer. */
  arrive(bytes: Uint8Array): void {
    if (this.readStatus === "paused") this.#buffered.push(bytes);
    else this.dispatchEvent(new StreamMessageEvent(bytes));
  }

  /** Messages come from the peer, each in a frame, together. */
  arriveMessages(...messages: readonly unknown[]): void {
    this.arrive(encodeFrames(messages.map((message) => JSON.stringify(message))));
  }

  /** The stream takes `room` more writes. */
  drain(room: number = Number.POSITIVE_INFINITY): void {
    this.room = room;
    this.dispatchEvent(new Event("drain"));
  }

  /** The peer sends nothing more. */
  endRemote(): void {
    this.remoteWriteStatus = "closed";
    this.dispatchEvent(new Event("remoteCloseWrite"));
  }

  /** The connection breaks, or both sides have closed. */
  break(error?: Error): void {
    this.#end("closed", error);
  }

  #end(status: "closed" | "aborted", error?: Error): void {
    this.status = status;
    this.readStatus = "closed";
    this.writeStatus = "closed";
    this.dispatchEvent(new StreamCloseEvent(true, error));
  }

  /** Messages that were sent since the last time. */
  sent(): readonly Readonly<Record<string, unknown>>[] {
    const frames = this.writes.slice(this.#read).flatMap((bytes) => this.#frames.push(bytes));
    this.#read = this.writes.length;
    return frames.map(({ text }) => JSON.parse(text));
  }
}

/** What is due at the end of this turn of the event loop has happened. */
export function endOfTurn(): Promise<void> {
  return new Promise((resolve) => afterTurn(resolve));
}
