/** Keys of a store: which are accepted, and their order. @module */

import { InputError } from "../errors.ts";

/** Moves surrogates above U+FFFF's own units, so that code units compare as UTF-8 bytes do. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

/** Order of two keys by their UTF-8 bytes, without encoding them. */
export function compareKeys(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  for (let index = 0; index < shorter; index += 1) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

/** Refuse a key that has no UTF-8 form: two such keys could become one on disk. */
export function checkKey(key: string): void {
  if (key.isWellFormed()) return;
  throw new InputError(
    "invalid_input",
    `The key ${JSON.stringify(key)} holds half of a surrogate pair; use well-formed text`,
  );
}
