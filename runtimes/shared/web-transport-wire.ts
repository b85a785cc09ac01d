/**
 * As much of HTTP/3 as a WebTransport session takes (draft-ietf-webtrans-http3, RFC 9114, RFC 9204).
 *
 * `Deno.upgradeWebTransport` (2.9) does the same, and keeps the request's stream to itself: nobody
 * hears then that a page ended its session, for the connection below stays.
 *
 * @module
 */

type Reader = ReadableStreamDefaultReader<Uint8Array>;

const CONTROL_STREAM = 0x00;
const SETTINGS = 0x04;
const HEADERS = 0x01;

/** On the control stream: CONNECT for protocols, datagrams and WebTransport, in old words and new. */
const OUR_SETTINGS: readonly number[] = [
  ...[0x08, 1, 0x33, 1],
  ...[0xab, 0x60, 0x37, 0x42, 1],
  ...[0xc0, 0x00, 0x00, 0x00, 0xc6, 0x71, 0x70, 0x6a, 1],
];

/** The first bytes of our control stream. */
export const controlStream: Uint8Array = Uint8Array.of(
  CONTROL_STREAM,
  SETTINGS,
  OUR_SETTINGS.length,
  ...OUR_SETTINGS,
);

/** The answer to the request for a session: `:status` 200, by its number in QPACK's table. */
export const accepted: Uint8Array = Uint8Array.of(HEADERS, 3, 0x00, 0x00, 0xd9);

/** What a stream of a session begins with; the session's number follows. */
const SESSION_STREAM = 0x41;

/** We write two bytes for a session's number; pages begin at 0. */
export const MAX_SESSION_ID = 0x3fff;

/** The bytes before all others on a stream of ours. */
export function streamHeader(session: number): Uint8Array {
  return Uint8Array.of(0x40, SESSION_STREAM, 0x40 | (session >> 8), session & 0xff);
}

/** Read a request as far as its headers, whatever they say: noise proves who is there, not they. */
export async function readRequest(reader: Reader): Promise<void> {
  const source = new Source(reader);
  const type = await source.number();
  const length = await source.number();
  if (type !== HEADERS) throw new TypeError(`A request began with frame ${type}, not ${HEADERS}`);
  await source.skip(length);
}

/** The beginning of a stream, and what came together with it. */
export interface StreamBeginning {
  readonly session: number;
  readonly rest: Uint8Array;
}

/** Read as far as the number of the session. */
export async function readBeginning(reader: Reader): Promise<StreamBeginning> {
  const source = new Source(reader);
  const type = await source.number();
  if (type === SESSION_STREAM) return { session: await source.number(), rest: source.rest };
  throw new TypeError(`A stream began with ${type} instead of ${SESSION_STREAM}`);
}

/** Takes the numbers of QUIC, of 1, 2, 4 or 8 bytes, from a stream. */
class Source {
  readonly #reader: Reader;
  /** What was read and not taken yet. */
  rest: Uint8Array = new Uint8Array();

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  async number(): Promise<number> {
    await this.#fill(1);
    const [first = 0] = this.rest;
    const size = 1 << (first >> 6);
    await this.#fill(size);
    const others = this.rest.subarray(1, size);
    this.rest = this.rest.subarray(size);
    return others.reduce((sum, byte) => sum * 256 + byte, first & 0x3f);
  }

  async skip(count: number): Promise<void> {
    for (let left = count; left > 0; ) {
      await this.#fill(1);
      const taken = Math.min(left, this.rest.length);
      this.rest = this.rest.subarray(taken);
      left -= taken;
    }
  }

  async #fill(size: number): Promise<void> {
    while (this.rest.length < size) {
      const { done, value } = await this.#reader.read();
      if (done) throw new TypeError("A stream ended before it had said what it is for");
      const joined = new Uint8Array(this.rest.length + value.length);
      joined.set(this.rest);
      joined.set(value, this.rest.length);
      this.rest = joined;
    }
  }
}
