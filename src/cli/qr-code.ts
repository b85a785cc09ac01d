/** A link as a QR code, for the phone in front of the terminal. @module */

import { renderUnicodeCompact } from "uqr";

/** Lines of half blocks, light modules filled: right on a dark terminal, readable on a light one. */
export function qrCode(link: string): readonly string[] {
  return renderUnicodeCompact(link, { border: 2 }).split("\n");
}
