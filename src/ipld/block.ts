/**
 * Values as content-addressed blocks: canonical dag-cbor and its CID.
 *
 * Synchronous, because a queue hashes within a transaction; WebCrypto's digest would make it wait.
 *
 * @module
 */

import { sha256 } from "@noble/hashes/sha2.js";
import { base32 } from "multiformats/bases/base32";
import { CID } from "multiformats/cid";
import { encode } from "./encode.ts";

/**
 * What stands before the digest in a CID's bytes: version 1, dag-cbor
 * (https://ipld.io/specs/codecs/dag-cbor/spec/), SHA2-256 of 32 bytes.
 */
const PREFIX = [0x01, 0x71, 0x12, 0x20] as const;

/** SHA2-256 at once: a host may have a faster one. */
export type Digest = (bytes: Uint8Array) => Uint8Array;

/** A value's bytes and the address that follows from them. */
export interface Block {
  readonly cid: CID;
  readonly bytes: Uint8Array;
}

/** The block of a value: JSON, bytes and CIDs; properties that are `undefined` are left out. */
export function blockOf(value: unknown): Block {
  const bytes = encode(value);
  return { cid: cidOf(bytes), bytes };
}

/** The address of dag-cbor bytes. */
export function cidOf(bytes: Uint8Array): CID {
  return CID.decode(addressOf(bytes));
}

/** The bytes of that address, which is all that most need of it. */
export function addressOf(bytes: Uint8Array, digest: Digest = sha256): Uint8Array {
  const address = new Uint8Array(PREFIX.length + 32);
  address.set(PREFIX);
  address.set(digest(bytes), PREFIX.length);
  return address;
}

/** An address as its CID is written. */
export function addressText(address: Uint8Array): string {
  return base32.encode(address);
}

/** The inverse of {@link addressText}. */
export function addressBytes(text: string): Uint8Array {
  return base32.decode(text);
}
