/** Rows of a JSON array of objects from text in chunks. @module */

import { JSONParser } from "@streamparser/json";
import type { Row } from "./row.ts";
import { asRow, badData, checkRowSize, type RowParser } from "./text.ts";

/** The objects of one array. */
export function createJsonArrayParser(path: string): RowParser {
  let elements: unknown[] = [];
  let done = 0;
  let hasBegun = false;
  /** How much was read since an element was whole. */
  let heldChars = 0;
  const place = (): string => `element ${done + 1}`;
  const parser = new JSONParser({ paths: ["$.*"], keepStack: false });
  parser.onValue = ({ value }) => elements.push(value);

  /** Elements that were whole come first, so that a fault is told with the right place. */
  const takeRows = (): Row[] => {
    const rows = elements.map((element) => {
      const row = asRow(element, path, place());
      done += 1;
      return row;
    });
    elements = [];
    return rows;
  };

  return {
    push(text) {
      if (!hasBegun) hasBegun = beginsArray(text, path);
      let fault: unknown;
      try {
        parser.write(text);
      } catch (cause) {
        fault = cause;
      }
      const rows = takeRows();
      if (fault) throw badData(path, place(), `this is no JSON (${String(fault)})`, fault);
      heldChars = rows.length > 0 ? 0 : heldChars + text.length;
      checkRowSize(path, place(), heldChars);
      return rows;
    },
    end() {
      if (hasBegun && parser.isEnded) return [];
      throw badData(path, place(), "the file ends before its array does");
    },
  };
}

/** Whether the array begins in `text`, which may be blank; anything else there is refused. */
function beginsArray(text: string, path: string): boolean {
  const first = text.trimStart().charAt(0);
  if (first === "" || first === "[") return first === "[";
  const wanted = "an array of objects, which begins with [ (for one object per line use ndjson)";
  throw badData(path, "element 1", `expected ${wanted}, got ${first}`);
}
