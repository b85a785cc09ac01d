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
 * Memory follows what has really arrived, never what a length announces; a length beyond the limit
 * throws before anything is kept of it.
 */
export class FrameReader {
  readonly #maxBytes: number;
  readonly #header = new Uint8Array(LENGTH_BYTES);
  #headerBytes = 0;
  /** Length of the frame being read; -1 while its header is incomplete. */
  #length = -1;
  #parts: Uint8Array[] = [];
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
    const missing = length - this.#received;
    if (bytes.length < missing) {
      // A copy: the host may fill its buffer again.
      this.#parts.push(bytes.slice());
      this.#received += bytes.length;
      return bytes.subarray(bytes.length);
    }
    const last = bytes.subarray(0, missing);
    frames.push({ text: decode(this.#whole(last)), bytes: length });
    this.#parts = [];
    this.#received = 0;
    this.#length = -1;
    return bytes.subarray(missing);
  }

  #whole(last: Uint8Array): Uint8Array {
    if (this.#parts.length === 0) return last;
    const whole = new Uint8Array(this.#length);
    let at = 0;
    for (const part of [...this.#parts, last]) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new IntegrityError("malformed_frame", "A frame is not UTF-8 text", { cause });
  }
}
