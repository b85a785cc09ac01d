/** A QUIC stream of Deno as a stream of libp2p. @module */

import { AbstractStream, type AbstractStreamInit, type SendResult } from "@libp2p/utils";

/** The two halves of a stream, and what was read of it already. */
export interface OpenedStream {
  readonly reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly begun?: Uint8Array;
}

type Pieces = Parameters<AbstractStream["sendData"]>[0];

/**
 * Deno (2.9) cannot reset a stream: the other side sees an aborted one end, and may not send more.
 * Whoever must tell the two apart, as our carriage does, has to know how long a message is.
 */
export class QuicStream extends AbstractStream {
  readonly #reader: OpenedStream["reader"];
  readonly #writer: OpenedStream["writer"];
  #isReading = false;

  constructor(init: AbstractStreamInit, { reader, writer, begun }: OpenedStream) {
    super(init);
    this.#reader = reader;
    this.#writer = writer;
    if (begun) this.onData(begun);
    this.#read();
  }

  override sendData(data: Pieces): SendResult {
    const sentBytes = data.byteLength;
    this.#writer.write(data.subarray()).then(
      () => {
        if (this.writableNeedsDrain) this.safeDispatchEvent("drain");
      },
      () => this.#broken(),
    );
    return { sentBytes, canSendMore: (this.#writer.desiredSize ?? 0) > 0 };
  }

  override async sendCloseWrite(): Promise<void> {
    // It fails where the other side has gone, which has closed the stream better than we can.
    await this.#writer.close().catch(() => undefined);
  }

  override async sendCloseRead(): Promise<void> {
    await this.#reader.cancel().catch(() => undefined);
  }

  override sendReset(): void {
    this.#writer.abort().catch(() => undefined);
    this.#reader.cancel().catch(() => undefined);
  }

  override sendPause(): void {
    // The loop below stops by itself, QUIC's own window then stops the other side.
  }

  override sendResume(): void {
    this.#read();
  }

  #read(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    this.#readOn().catch(() => this.#broken());
  }

  async #readOn(): Promise<void> {
    try {
      while (this.readStatus === "readable") {
        const { done, value } = await this.#reader.read();
        if (done) return this.onRemoteCloseWrite();
        this.onData(value);
      }
    } finally {
      this.#isReading = false;
    }
  }

  /** The other side reset the stream, or the connection is gone. */
  #broken(): void {
    if (this.status !== "open" && this.status !== "closing") return;
    this.#writer.abort().catch(() => undefined);
    this.#reader.cancel().catch(() => undefined);
    this.onRemoteReset();
  }
}
