/**
 * Frames on a byte stream: four bytes of length, unsigned and big-endian, then that many bytes of
 * UTF-8 (MCP++ Profile E).
 *
 * @module
 */

import { IntegrityError } from "../errors.ts";
import { LENGTH_BYTES } from "./protocol.ts";

const encoder = new TextEncoder();

/** UTF-16 units take at most three bytes of UTF-8 each. */
const MAX_BYTES_PER_UNIT = 3;

/** Put these texts into one buffer, each as a frame. */
export function encodeFrames(texts: readonly string[]): Uint8Array {
  let room = 0;
  for (const text of texts) room += LENGTH_BYTES + text.length * MAX_BYTES_PER_UNIT;
  const buffer = new Uint8Array(room);
  const view = new DataView(buffer.buffer);
  let at = 0;
  for (const text of texts) {
    const start = at + LENGTH_BYTES;
    const { written } = encoder.encodeInto(text, buffer.subarray(start));
    view.setUint32(at, written);
    at = start + written;
  }
  return buffer.subarray(0, at);
}

/** Whether a text fits into a frame of `maxBytes`. */
export function fitsFrame(text: string, maxBytes: number): boolean {
  if (text.length * MAX_BYTES_PER_UNIT <= maxBytes) return true;
  return text.length <= maxBytes && encoder.encode(text).length <= maxBytes;
}

const decoder = new TextDecoder("utf-8", { fatal: true });

/** One complete frame. */
export interface Frame {
  readonly text: string;
  /** Its length on the wire, without that of the length itself. */
  readonly bytes: number;
}

/**
 * Cuts what arrives into frames.
 *
 * Memory is at most twice what has really arrived, whatever a length announces; one beyond the limit
 * throws before anything is kept of it.
 */
export class FrameReader {
  readonly #maxBytes: number;
  readonly #header = new Uint8Array(LENGTH_BYTES);
  #headerBytes = 0;
  /** Length of the frame being read; -1 while its header is incomplete. */
  #length = -1;
  /** Grows with what arrives; the first {@link #received} bytes are filled. */
  #body: Uint8Array = NOTHING;
  #received = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether a frame has begun and is not complete. */
  get isInside(): boolean {
    return this.#length >= 0 || this.#headerBytes > 0;
  }

  /** Take in bytes, and give back the frames that they completed. */
  push(chunk: Uint8Array): readonly Frame[] {
    const frames: Frame[] = [];
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#length < 0) rest = this.#readHeader(rest);
      if (this.#length >= 0) rest = this.#readBody(rest, frames);
    }
    return frames;
  }

  #readHeader(bytes: Uint8Array): Uint8Array {
    const taken = Math.min(LENGTH_BYTES - this.#headerBytes, bytes.length);
    this.#header.set(bytes.subarray(0, taken), this.#headerBytes);
    this.#headerBytes += taken;
    if (this.#headerBytes === LENGTH_BYTES) {
      this.#headerBytes = 0;
      const length = new DataView(this.#header.buffer).getUint32(0);
      if (length === 0 || length > this.#maxBytes) {
        throw new IntegrityError(
          "malformed_frame",
          `A frame announced ${length} bytes; 1 to ${this.#maxBytes} are accepted`,
          { data: { length, maxFrameBytes: this.#maxBytes } },
        );
      }
      this.#length = length;
    }
    return bytes.subarray(taken);
  }

  #readBody(bytes: Uint8Array, frames: Frame[]): Uint8Array {
    const length = this.#length;
    const part = bytes.subarray(0, length - this.#received);
    const isWhole = part.length === length;
    // A copy: the host may fill its buffer again.
    if (!isWhole) this.#keep(part);
    if (isWhole || this.#received === length) {
      frames.push({ text: decode(isWhole ? part : this.#body.subarray(0, length)), bytes: length });
      this.#body = NOTHING;
      this.#received = 0;
      this.#length = -1;
    }
    return bytes.subarray(part.length);
  }

  /** A part for each arrival would cost a hundred times its size where they come byte by byte. */
  #keep(part: Uint8Array): void {
    const needed = this.#received + part.length;
    if (needed > this.#body.length) {
      const room = Math.min(this.#length, Math.max(needed, this.#body.length * 2));
      const grown = new Uint8Array(room);
      grown.set(this.#body.subarray(0, this.#received));
      this.#body = grown;
    }
    this.#body.set(part, this.#received);
    this.#received = needed;
  }
}

const NOTHING: Uint8Array = new Uint8Array(0);

function decode(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new IntegrityError("malformed_frame", "A frame is not UTF-8 text", { cause });
  }
}
