/** Certificates that pages accept by their hash, as browsers and libp2p want them. @module */

// The X.509 library needs it, and before itself.
import "reflect-metadata";
import { BasicConstraintsExtension, PemConverter, X509CertificateGenerator } from "@peculiar/x509";
import { base64url } from "multiformats/bases/base64";
import { sha256 } from "multiformats/hashes/sha2";

const HOUR_MS = 3_600_000;

/** Browsers refuse a hash for a certificate of more than 14 days. */
const VALID_MS = 13 * 24 * HOUR_MS;

/** How far the clocks of pages may be off. */
const SKEW_MS = HOUR_MS;

const SIGNING = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/** A self-signed certificate with its key. */
export interface Certificate {
  readonly pem: string;
  readonly privateKeyPem: string;
  /** The SHA-256 of the certificate as a multihash, and as a multiaddr shows it. */
  readonly hash: Uint8Array;
  readonly certhash: string;
  /** When the next one takes over, in milliseconds since 1970. */
  readonly useUntil: number;
}

/** The certificate in use and the one that follows: addresses name both, so that they last. */
export interface CertificatePair {
  readonly current: Certificate;
  readonly next: Certificate;
  /** The one that was current before, which addresses still name. */
  readonly spent?: Certificate;
}

/** The pair for this moment: `pair` itself while its first certificate may be used. */
export async function renewCertificates(
  now: number,
  pair?: CertificatePair,
): Promise<CertificatePair> {
  if (pair && now < pair.current.useUntil) return pair;
  const isNextInTime = pair !== undefined && now < pair.next.useUntil;
  const current = isNextInTime ? pair.next : await createCertificate(now);
  const next = await createCertificate(current.useUntil);
  return { current, next, ...(isNextInTime ? { spent: pair.current } : {}) };
}

/** A certificate to be used from this moment on. */
async function createCertificate(useFrom: number): Promise<Certificate> {
  const keys = await crypto.subtle.generateKey(SIGNING, true, ["sign", "verify"]);
  const notBefore = useFrom - SKEW_MS;
  const notAfter = notBefore + VALID_MS;
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      name: "CN=libp2p",
      keys,
      signingAlgorithm: SIGNING,
      notBefore: new Date(notBefore),
      notAfter: new Date(notAfter),
      extensions: [new BasicConstraintsExtension(false, undefined, true)],
    },
    crypto,
  );
  const { bytes: hash } = await sha256.digest(new Uint8Array(certificate.rawData));
  const privateKey = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    pem: certificate.toString("pem"),
    privateKeyPem: PemConverter.encode(privateKey, "PRIVATE KEY"),
    hash,
    certhash: base64url.encode(hash),
    useUntil: notAfter - SKEW_MS,
  };
}
