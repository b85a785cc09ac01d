/**
 * In pages, for what libp2p knows of keys other than Ed25519: every peer of ours has such a key, and
 * the curves and DER of the others are 10 KiB of the bundle (gzip).
 *
 * The names are those of `@libp2p/crypto/dist/src/keys/{ecdsa,rsa,secp256k1}`.
 *
 * @module
 */

import { UnsupportedKeyTypeError } from "@libp2p/interface";

const refuse = (): never => {
  throw new UnsupportedKeyTypeError("A page speaks with peers whose key is Ed25519");
};

/** No key has this length. */
export const privateKeyLength = -1;
export const publicKeyLength = -1;

/** No key names this algorithm. */
export const ECDSA_P_256_OID = "";
export const ECDSA_P_384_OID = "";
export const ECDSA_P_521_OID = "";
export const RSAES_PKCS1_V1_5_OID = "";

export {
  refuse as decodeDer,
  refuse as ECDSAPrivateKey,
  refuse as generateECDSAKeyPair,
  refuse as generateRSAKeyPair,
  refuse as generateSecp256k1KeyPair,
  refuse as jwkToRSAPrivateKey,
  refuse as pkcs1MessageToRSAPrivateKey,
  refuse as pkcs1ToRSAPrivateKey,
  refuse as pkiMessageToECDSAPrivateKey,
  refuse as pkiMessageToECDSAPublicKey,
  refuse as pkixMessageToRSAPublicKey,
  refuse as pkixToRSAPublicKey,
  refuse as unmarshalECDSAPrivateKey,
  refuse as unmarshalECDSAPublicKey,
  refuse as unmarshalSecp256k1PrivateKey,
  refuse as unmarshalSecp256k1PublicKey,
};
