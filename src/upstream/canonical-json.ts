/** One text for equal JSON values (RFC 8785), and its SHA-256. @module */

import canonicalize from "canonicalize";
import { sha256 } from "../sha256.ts";

/** JSON with sorted keys and no space: equal values give equal texts. */
export function canonicalJson(value: unknown): string {
  return canonicalize(value) ?? "null";
}

/** `sha256:` and the hexadecimal hash of the canonical JSON of `value`. */
export function hashOf(value: unknown): string {
  return `sha256:${sha256(canonicalJson(value))}`;
}
