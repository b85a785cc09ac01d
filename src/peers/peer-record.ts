/**
 * What a peer says of itself, signed with its identity key: anybody may pass it on, nobody can
 * change it, and it ends by itself.
 *
 * @module
 */

import { encode } from "@ipld/dag-cbor";
import { base64url } from "multiformats/bases/base64";
import * as v from "valibot";
import { verifyPeer } from "../mesh/identity.ts";
import type { SignedRecord } from "../registry/peers.ts";

/** How long a record lives where nothing else is said. */
export const DEFAULT_TTL_MS: number = 30 * 60_000;

/** Longer-lived records are refused: they would outlast what they say. */
export const MAX_TTL_MS: number = 24 * 3_600_000;

/** Room for 32 addresses and 256 interfaces of usual length. */
export const MAX_RECORD_BYTES: number = 24 * 1024;

/** Clocks of peers may differ by this much before a lifetime counts as too long. */
const CLOCK_SKEW_MS = 5 * 60_000;

/** The private half of a node's identity. */
export interface Signer {
  /** The id that belongs to the key. */
  readonly peer: string;
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}

/** A record before it is signed. */
export type RecordContent = Omit<SignedRecord, "peer" | "signature">;

/** Why a record is not believed. */
export type RecordFault =
  | "malformed"
  | "unsigned"
  | "oversized"
  | "expired"
  | "overlong"
  | "foreign_key"
  | "replayed";

/** A record that may be believed, or what is wrong with it. */
export type Verdict =
  | { readonly record: SignedRecord; readonly fault?: undefined }
  | { readonly fault: RecordFault; readonly record?: undefined };

const texts = (items: number, length: number) =>
  v.pipe(v.array(v.pipe(v.string(), v.maxLength(length))), v.maxLength(items));

// Loose: fields of later versions are covered by the signature and have to be passed on.
const RecordSchema = v.looseObject({
  peer: v.pipe(v.string(), v.regex(/^12D3KooW[1-9A-HJ-NP-Za-km-z]{44}$/)),
  addresses: texts(32, 1024),
  abilities: texts(64, 128),
  interfaces: texts(256, 128),
  name: v.exactOptional(v.pipe(v.string(), v.maxLength(128))),
  host: v.exactOptional(v.pipe(v.string(), v.maxLength(32))),
  sequence: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  expiresAt: v.pipe(v.string(), v.isoTimestamp()),
  signature: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{86}$/)),
});

/** The bytes that are signed: everything but the signature, in the one order of DAG-CBOR. */
function signedBytes({ signature: _, ...rest }: Readonly<Record<string, unknown>>): Uint8Array {
  return encode(rest);
}

/** Sign what a node says of itself. */
export async function signRecord(content: RecordContent, signer: Signer): Promise<SignedRecord> {
  const record = { peer: signer.peer, ...content };
  const signature = base64url.baseEncode(await signer.sign(signedBytes(record)));
  return { ...record, signature };
}

/** Judge a record that came from anywhere; it is `replayed` only in view of earlier ones. */
export async function judgeRecord(value: unknown, now: number): Promise<Verdict> {
  if (typeof value !== "object" || value === null) return { fault: "malformed" };
  if (!("signature" in value) || value.signature === "") return { fault: "unsigned" };
  const parsed = v.safeParse(RecordSchema, value);
  if (!parsed.success) return { fault: "malformed" };
  const record = parsed.output;
  const expiresAt = Date.parse(record.expiresAt);
  if (expiresAt <= now) return { fault: "expired" };
  if (expiresAt > now + MAX_TTL_MS + CLOCK_SKEW_MS) return { fault: "overlong" };
  const bytes = bytesOf(record);
  if (bytes === undefined) return { fault: "malformed" };
  if (bytes.length > MAX_RECORD_BYTES) return { fault: "oversized" };
  return (await isSignedBy(record.peer, bytes, record.signature))
    ? { record }
    : { fault: "foreign_key" };
}

/** DAG-CBOR has no form for some values that JSON cannot carry either. */
function bytesOf(record: Readonly<Record<string, unknown>>): Uint8Array | undefined {
  try {
    return signedBytes(record);
  } catch {
    return undefined;
  }
}

async function isSignedBy(peer: string, bytes: Uint8Array, signature: string): Promise<boolean> {
  try {
    return await verifyPeer(peer, bytes, base64url.baseDecode(signature));
  } catch {
    // Not an id, or not a point of the curve: nobody can have signed for it.
    return false;
  }
}
