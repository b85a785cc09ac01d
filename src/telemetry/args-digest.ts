/** What a call was given, as a digest: comparable in an audit log, and nothing to read there. @module */

import canonicalize from "canonicalize";
import { sha256 } from "../sha256.ts";

/** Up to here hashing at once is cheaper than waiting for WebCrypto. */
const MAX_SYNC_LENGTH = 1024;

/** `sha256:…` of the input's canonical JSON (RFC 8785); a promise where the input is long. */
export function argsDigest(input: unknown): string | Promise<string> {
  const json = isCanonical(input) ? JSON.stringify(input) : (canonicalize(input ?? {}) ?? "{}");
  return json.length <= MAX_SYNC_LENGTH ? `sha256:${sha256(json)}` : digestLater(json);
}

/**
 * Whether the JSON of a value is canonical as it is: flat, its names in order. Most inputs are, and
 * writing that takes a fifth of the time.
 */
function isCanonical(input: unknown): boolean {
  if (typeof input !== "object" || input === null || Array.isArray(input)) return false;
  let last = "";
  for (const [name, value] of Object.entries(input)) {
    if (name < last || !isPlain(value)) return false;
    last = name;
  }
  return true;
}

function isPlain(value: unknown): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  return typeof value === "string" || typeof value === "boolean" || value === null;
}

async function digestLater(json: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(json));
  const bytes = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0"));
  return `sha256:${bytes.join("")}`;
}
