/** JSON that somebody typed. @module */

import { InputError } from "../errors.ts";

/** The value of a JSON text; throws `invalid_input`, naming where the text came from. */
export function readJson(source: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const got = text.slice(0, 60) || "nothing";
    const message = `${source} takes JSON, such as '{"day": "2026-12-24"}', and got ${got}`;
    throw new InputError("invalid_input", message, { cause });
  }
}
