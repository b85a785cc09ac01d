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

/** libp2p's own choice where it works; else libp2p's JavaScript for what is long. */
export function chooseCrypto(): NoiseCrypto {
  const { defaultCrypto } = crypto;
  try {
    const key = new Uint8Array(32);
    const nonce = new Uint8Array(12);
    defaultCrypto.chaCha20Poly1305Encrypt(new Uint8Array(LONG_BYTES), nonce, new Uint8Array(), key);
    return defaultCrypto;
  } catch {
    return withJavaScript(defaultCrypto);
  }
}

/** Up to 4 KiB the WebAssembly of libp2p is the fastest on Bun 1.4, beyond it the JavaScript is. */
function withJavaScript(own: NoiseCrypto): NoiseCrypto {
  // Bundles for pages have neither, nor a reason to come here.
  const { asCrypto, pureJsCrypto } = crypto;
  const by = (
    length: number,
  ): Pick<NoiseCrypto, "chaCha20Poly1305Encrypt" | "chaCha20Poly1305Decrypt"> =>
    length < LONG_BYTES ? asCrypto : pureJsCrypto;
  return {
    ...own,
    chaCha20Poly1305Encrypt: (plaintext, nonce, ad, key) =>
      by(plaintext.byteLength).chaCha20Poly1305Encrypt(plaintext, nonce, ad, key),
    chaCha20Poly1305Decrypt: (ciphertext, nonce, ad, key, into) =>
      by(ciphertext.byteLength).chaCha20Poly1305Decrypt(ciphertext, nonce, ad, key, into),
  };
}
