/** Rows of a file with one JSON object per line. @module */

import type { Row } from "./row.ts";
import { asRow, badData, checkRowSize, type RowParser } from "./text.ts";

/** One JSON object per line; blank lines are skipped. */
export function createNdjsonParser(path: string): RowParser {
  let rest = "";
  let line = 0;
  const take = (lines: readonly string[]): Row[] => {
    const rows: Row[] = [];
    for (const text of lines) {
      line += 1;
      if (text.trim() !== "") rows.push(parseRow(text, path, `line ${line}`));
    }
    return rows;
  };
  return {
    push(text) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      const rows = take(lines);
      checkRowSize(path, `line ${line + 1}`, rest.length);
      return rows;
    },
    end: () => take([rest]),
  };
}

function parseRow(json: string, path: string, place: string): Row {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw badData(path, place, `this is no JSON (${String(cause)})`, cause);
  }
  return asRow(value, path, place);
}
