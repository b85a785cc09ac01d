/** The text of a file, chunk by chunk. @module */

import { InputError, ToolError } from "../../src/tool.ts";
import type { Row } from "./row.ts";

/** The longest row that is read as one piece; a longer one is most likely a missing quote. */
export const MAX_ROW_CHARS: number = 16 * 1024 * 1024;

/** What turns chunks of text into rows. */
export interface RowParser {
  push(text: string): Row[];
  end(): Row[];
}

/** A fault of the data, with where it is. */
export function badData(path: string, place: string, fault: string): InputError {
  return new InputError("invalid_input", `${path}, ${place}: ${fault}`, { data: { path, place } });
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
    yield step(chunk);
    done += chunk.byteLength;
  }
  yield step();
}
