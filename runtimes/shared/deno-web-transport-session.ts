/** A page's WebTransport session on Deno as a connection of libp2p, and its streams. @module */

import type { StreamMuxerFactory } from "@libp2p/interface";
import {
  AbstractMultiaddrConnection,
  type AbstractMultiaddrConnectionInit,
  AbstractStreamMuxer,
  type SendResult,
} from "@libp2p/utils";
import { type OpenedStream, QuicStream } from "./deno-quic-stream.ts";
import {
  accepted,
  controlStream,
  readBeginning,
  readRequest,
  streamHeader,
} from "./web-transport-wire.ts";

/** A connection that became a session. */
export interface Session {
  readonly conn: Deno.QuicConn;
  /** Both stay open as long as the session does; collected, they would end it. */
  readonly control: WritableStreamDefaultWriter<Uint8Array>;
  readonly answer: WritableStreamDefaultWriter<Uint8Array>;
  readonly incoming: ReadableStreamDefaultReader<Deno.QuicBidirectionalStream>;
}

/** Take the session that the page asks for; the connection ends when the page ends it. */
export async function acceptSession(conn: Deno.QuicConn): Promise<Session> {
  const control = (await conn.createUnidirectionalStream()).getWriter();
  await control.write(controlStream);
  const incoming = conn.incomingBidirectionalStreams.getReader();
  const { done, value } = await incoming.read();
  if (done) throw new TypeError("The connection ended before it had asked for a session");
  const request = value.readable.getReader();
  const answer = value.writable.getWriter();
  await readRequest(request);
  await answer.write(accepted);
  const close = (): void => conn.close();
  drain(request).then(close, close);
  return { conn, control, answer, incoming };
}

async function drain(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  while (!(await reader.read()).done);
}

/** A stream that the page opened, and the number of the session that it belongs to. */
export async function openedStream({
  readable,
  writable,
}: Deno.QuicBidirectionalStream): Promise<OpenedStream & { readonly session: number }> {
  const reader = readable.getReader();
  const writer = writable.getWriter();
  const { session, rest } = await readBeginning(reader);
  return { session, reader, writer, begun: rest };
}

/** The session as libp2p holds it; all bytes travel on streams. */
export class SessionConnection extends AbstractMultiaddrConnection {
  readonly #session: Session;

  constructor(init: Omit<AbstractMultiaddrConnectionInit, "name">, session: Session) {
    super(init);
    this.#session = session;
    const ended = (): void => this.onTransportClosed();
    session.conn.closed.then(ended, ended);
  }

  override sendData(data: { readonly byteLength: number }): SendResult {
    throw new TypeError(`${data.byteLength} bytes were sent on a session instead of a stream`);
  }

  override async sendClose(): Promise<void> {
    this.#session.conn.close();
  }

  override sendReset(error: Error): void {
    this.#session.conn.close({ closeCode: 1, reason: error.message });
  }

  override sendPause(): void {
    // Each stream pauses by itself.
  }

  override sendResume(): void {
    // Each stream resumes by itself.
  }
}

type Connection = ConstructorParameters<typeof AbstractStreamMuxer>[0];

/** The session's own streams, as js-libp2p takes them in pages. */
class SessionMuxer extends AbstractStreamMuxer<QuicStream> {
  readonly #session: Session;
  readonly #id: number;
  #opened = 0;

  constructor(connection: Connection, session: Session, id: number) {
    super(connection, { protocol: "/webtransport", name: "muxer" });
    this.#session = session;
    this.#id = id;
    this.#accept().catch((error: unknown) => this.log("no more streams: %e", error));
  }

  async #accept(): Promise<void> {
    for (;;) {
      const { done, value } = await this.#session.incoming.read();
      if (done) return;
      // A stream whose beginning is late does not hold up the others.
      this.#take(value).catch((error: unknown) => this.log("not a stream of ours: %e", error));
    }
  }

  async #take(quic: Deno.QuicBidirectionalStream): Promise<void> {
    const opened = await openedStream(quic);
    if (opened.session === this.#id) this.onRemoteStream(this.#stream("inbound", opened));
    else await Promise.all([opened.reader.cancel(), opened.writer.abort()]);
  }

  override async onCreateStream(): Promise<QuicStream> {
    const { readable, writable } = await this.#session.conn.createBidirectionalStream();
    const writer = writable.getWriter();
    await writer.write(streamHeader(this.#id));
    return this.#stream("outbound", { reader: readable.getReader(), writer });
  }

  override onData(): void {
    // Nothing comes but on streams.
  }

  #stream(direction: "inbound" | "outbound", opened: OpenedStream): QuicStream {
    const id = String(this.#opened++);
    const log = this.log.newScope(`${direction}:${id}`);
    return new QuicStream({ ...this.streamOptions, id, direction, log }, opened);
  }
}

/** libp2p's way to the session's streams. */
export function sessionMuxer(session: Session, id: number): StreamMuxerFactory {
  return {
    protocol: "/webtransport",
    createStreamMuxer: (connection) => new SessionMuxer(connection, session, id),
  };
}
