/** The text of a file, chunk by chunk. @module */

import { InputError, ToolError } from "../../src/tool.ts";
import { FORBIDDEN_COLUMN, FORBIDDEN_FAULT, isObject, type Row } from "./row.ts";

/** The longest row that is read as one piece; a longer one is most likely a missing quote. */
export const MAX_ROW_CHARS: number = 16 * 1024 * 1024;

/** The rows of one piece are in memory together, and what outlives a collection is freed late. */
const PIECE_BYTES = 32 * 1024;

/** What turns chunks of text into rows. */
export interface RowParser {
  push(text: string): Row[];
  end(): Row[];
}

/** A fault of the data, with where it is. */
export function badData(path: string, place: string, fault: string, cause?: unknown): InputError {
  const details = { data: { path, place }, ...(cause !== undefined && { cause }) };
  return new InputError("invalid_input", `${path}, ${place}: ${fault}`, details);
}

/** A JSON value as a row. */
export function asRow(value: unknown, path: string, place: string): Row {
  if (!isObject(value)) {
    const shown = JSON.stringify(value).slice(0, 40);
    throw badData(path, place, `a row must be an object, got ${shown}`);
  }
  if (Object.hasOwn(value, FORBIDDEN_COLUMN)) throw badData(path, place, FORBIDDEN_FAULT);
  return value;
}

/** Refuse to hold more of one row. */
export function checkRowSize(path: string, place: string, chars: number): void {
  if (chars <= MAX_ROW_CHARS) return;
  throw new ToolError(
    "too_large",
    `${path}, ${place}: a row of more than ${MAX_ROW_CHARS} characters; look for a quote or bracket that is never closed`,
    { data: { path, place } },
  );
}

/** UTF-8 bytes as text; a byte order mark is left out, and what is no UTF-8 is refused. */
export async function* decode(
  bytes: AsyncIterable<Uint8Array>,
  path: string,
): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let done = 0;
  const step = (chunk?: Uint8Array): string => {
    try {
      return chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode();
    } catch (cause) {
      throw new InputError(
        "invalid_input",
        `${path} is not UTF-8 text (after byte ${done}): convert it first, or give its true format`,
        { cause, data: { path } },
      );
    }
  };
  for await (const chunk of bytes) {
    for (let at = 0; at < chunk.byteLength; at += PIECE_BYTES) {
      const piece = chunk.subarray(at, at + PIECE_BYTES);
      yield step(piece);
      done += piece.byteLength;
    }
  }
  yield step();
}
