/**
 * Who a node is: one Ed25519 key from which its PeerId and its `did:key` follow.
 *
 * @module
 */

import { generateKeyPairFromSeed } from "@libp2p/crypto/keys";
import type { Ed25519PrivateKey, PeerId } from "@libp2p/interface";
import { peerIdFromPrivateKey, peerIdFromString } from "@libp2p/peer-id";
import { base58btc } from "multiformats/bases/base58";
import { InputError } from "../errors.ts";

/** A key pair and its names. */
export interface Identity {
  /** The peer's id as text, e.g. `12D3KooW…`. */
  readonly peer: string;
  /** The same key as a decentralised identifier, e.g. `did:key:z6Mk…`. */
  readonly did: string;
  /** As libp2p takes it. */
  readonly privateKey: Ed25519PrivateKey;
  sign(bytes: Uint8Array): Promise<Uint8Array>;
  /** The private key as PKCS#8 in PEM, which other programs read. */
  exportPem(): string;
}

export const SEED_BYTES = 32;

/** Multicodec of an Ed25519 public key, as a varint. */
const ED25519_PUBLIC: readonly number[] = [0xed, 0x01];

/** PKCS#8 of an Ed25519 key (RFC 8410) is this, and then the seed. */
const PKCS8_HEAD: readonly number[] = [
  0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

const PEM = /^\s*-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END PRIVATE KEY-----\s*$/;

/** The identity that 32 random bytes are. */
export async function createIdentity(seed: Uint8Array): Promise<Identity> {
  if (seed.byteLength !== SEED_BYTES) {
    throw new InputError(
      "invalid_input",
      `The seed of an identity has ${SEED_BYTES} bytes, this one ${seed.byteLength}`,
    );
  }
  const privateKey = await generateKeyPairFromSeed("Ed25519", seed);
  return {
    privateKey,
    peer: peerIdFromPrivateKey(privateKey).toString(),
    did: `did:key:${base58btc.encode(Uint8Array.of(...ED25519_PUBLIC, ...privateKey.publicKey.raw))}`,
    // Node gives a Buffer, which does not equal the same bytes elsewhere.
    sign: async (bytes) => new Uint8Array(await privateKey.sign(bytes)),
    exportPem: () => toPem(seed),
  };
}

/** The seed in a PEM text that {@link Identity.exportPem} or another program wrote. */
export function seedFromPem(pem: string): Uint8Array {
  const body = PEM.exec(pem)?.[1]?.replace(/\s/g, "") ?? "";
  const der = Uint8Array.from(decodeBase64(body), (character) => character.charCodeAt(0));
  const isEd25519 = PKCS8_HEAD.every((byte, index) => der[index] === byte);
  if (!isEd25519 || der.length !== PKCS8_HEAD.length + SEED_BYTES) {
    throw new InputError(
      "invalid_input",
      "This is no private Ed25519 key in PKCS#8 PEM, which begins with -----BEGIN PRIVATE KEY-----; openssl genpkey -algorithm ed25519 makes one",
    );
  }
  return der.subarray(PKCS8_HEAD.length);
}

/** Whether the key behind a peer's id signed these bytes. */
export async function verifyPeer(
  peer: string,
  bytes: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  const { publicKey } = parsePeer(peer);
  return publicKey?.type === "Ed25519" ? publicKey.verify(bytes, signature) : false;
}

/** A PeerId from text; throws `invalid_input`. */
export function parsePeer(peer: string): PeerId {
  try {
    return peerIdFromString(peer);
  } catch (cause) {
    const message = `"${peer}" is not the id of a peer, which looks like 12D3KooW…`;
    throw new InputError("invalid_input", message, { cause, data: { peer } });
  }
}

function toPem(seed: Uint8Array): string {
  const body = btoa(String.fromCharCode(...PKCS8_HEAD, ...seed));
  return `-----BEGIN PRIVATE KEY-----\n${body}\n-----END PRIVATE KEY-----\n`;
}

/** The bytes as a binary string; what is not base64 is nothing. */
function decodeBase64(text: string): string {
  return /^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.length % 4 === 0 ? atob(text) : "";
}
