/**
 * Noise that waits for bytes without throwing.
 *
 * js-libp2p-noise looks for the next record behind every one that it has read; that there is none yet
 * it learns from an error, made with its stack: 8 % of the time of an echo (Node 24).
 *
 * @module
 */

import type { ConnectionEncrypter } from "@libp2p/interface";
import { noise } from "@libp2p/noise";
import { chooseCrypto } from "./noise-crypto.ts";

/** What of a connection of js-libp2p-noise 17 is looked at. */
interface NoiseConnection {
  readonly decoder: { lengthDecoder: (bytes: Bytes) => number };
}

/** Bytes that arrived and are not read. */
interface Bytes {
  readonly byteLength: number;
  get(index: number): number;
}

/** A record begins with its length: unsigned, big-endian. */
const LENGTH_BYTES = 2;

/** The encryption of the mesh. */
export function quietNoise(): ReturnType<typeof noise> {
  const create = noise({ crypto: chooseCrypto() });
  return (components) => {
    const encrypter = create(components);
    const secureInbound = encrypter.secureInbound.bind(encrypter);
    const secureOutbound = encrypter.secureOutbound.bind(encrypter);
    return Object.assign(encrypter, {
      secureInbound: async (...given) => quieten(await secureInbound(...given)),
      secureOutbound: async (...given) => quieten(await secureOutbound(...given)),
    } satisfies Pick<ConnectionEncrypter, "secureInbound" | "secureOutbound">);
  };
}

function quieten<Secured extends { readonly connection: object }>(secured: Secured): Secured {
  const { decoder } = secured.connection as unknown as NoiseConnection;
  decoder.lengthDecoder = lengthOf;
  return secured;
}

/** The decoder waits for more where a length is not a number. */
function lengthOf(bytes: Bytes): number {
  if (bytes.byteLength < LENGTH_BYTES) return Number.NaN;
  return (bytes.get(0) << 8) | bytes.get(1);
}
