/** What a call was given, as a digest: comparable in an audit log, and nothing to read there. @module */

import canonicalize from "canonicalize";
import { sha256 } from "../sha256.ts";

/** Up to here hashing at once is cheaper than waiting for WebCrypto. */
const MAX_SYNC_LENGTH = 1024;

/** `sha256:…` of the input's canonical JSON (RFC 8785); a promise where the input is long. */
export function argsDigest(input: unknown): string | Promise<string> {
  const json = canonicalize(input ?? {}) ?? "{}";
  return json.length <= MAX_SYNC_LENGTH ? `sha256:${sha256(json)}` : digestLater(json);
}

async function digestLater(json: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(json));
  const bytes = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0"));
  return `sha256:${bytes.join("")}`;
}
