/** Bytes in JSON: base64 with padding (RFC 4648, section 4). @module */

import { IntegrityError, messageOf } from "../errors.ts";

/** Arguments that every engine takes in one call. */
const CHUNK = 0x8000;

/** The text of bytes. */
export function toBase64(bytes: Uint8Array): string {
  let binary = "";
  for (let at = 0; at < bytes.length; at += CHUNK) {
    binary += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  }
  return btoa(binary);
}

/** The inverse of {@link toBase64}; throws `malformed_frame`. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  } catch (cause) {
    throw new IntegrityError("malformed_frame", `This is no base64: ${messageOf(cause)}`, {
      cause,
    });
  }
}
