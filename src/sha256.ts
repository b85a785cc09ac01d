/**
 * SHA-256 without waiting: an API key or the input of a call is hashed on every request, and
 * WebCrypto's asynchronous digest takes five times as long for so few bytes (Node 24).
 *
 * @module
 */

import { sha256 as digest } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

/** The digest of a text's UTF-8 bytes, or of bytes, as 64 hexadecimal digits. */
export function sha256(message: string | Uint8Array): string {
  return bytesToHex(digest(typeof message === "string" ? utf8ToBytes(message) : message));
}
