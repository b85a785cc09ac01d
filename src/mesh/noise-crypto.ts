/**
 * What noise encrypts with, on hosts whose `node:crypto` lacks a cipher.
 *
 * libp2p hands whatever is longer than 1,200 bytes to `node:crypto`; Bun 1.4 has no
 * chacha20-poly1305 there, so the first long message would tear the connection.
 *
 * @module
 */

import * as crypto from "@libp2p/noise/crypto";

type NoiseCrypto = typeof crypto.defaultCrypto;

/** Longer than what libp2p encrypts without the host. */
const LONG_BYTES = 4096;

/** libp2p's own choice where it works; else its WebAssembly. */
export function chooseCrypto(): NoiseCrypto {
  const { defaultCrypto } = crypto;
  try {
    const key = new Uint8Array(32);
    const nonce = new Uint8Array(12);
    defaultCrypto.chaCha20Poly1305Encrypt(new Uint8Array(LONG_BYTES), nonce, new Uint8Array(), key);
    return defaultCrypto;
  } catch {
    return inWebAssembly(defaultCrypto);
  }
}

/**
 * Bundles for pages have no `asCrypto`, nor a reason to come here.
 *
 * libp2p's JavaScript looks a fifth faster for what is long, alone in a loop; beside all else it
 * copies byte by byte on Bun 1.4, and an echo of 64 frames at once costs twice as much.
 */
function inWebAssembly(own: NoiseCrypto): NoiseCrypto {
  const { asCrypto } = crypto;
  const { chaCha20Poly1305Encrypt, chaCha20Poly1305Decrypt } = asCrypto;
  return { ...own, chaCha20Poly1305Encrypt, chaCha20Poly1305Decrypt };
}
