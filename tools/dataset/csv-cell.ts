/** One cell of a CSV record that may hold quotes. @module */

const QUOTE = 34;
const LINE_FEED = 10;
export const COMMA = 44;
export const CARRIAGE_RETURN = 13;

/** One cell, and the index of what ends it: a comma, a line end, or the end of the text. */
export interface Cell {
  readonly text: string;
  readonly isQuoted: boolean;
  readonly end: number;
}

/** Makes the error for a fault in the text. */
type Bad = (fault: string) => Error;

/** The cell that begins at `at`; `undefined` when its end is not here yet. */
export function cellAt(text: string, at: number, isLast: boolean, bad: Bad): Cell | undefined {
  const isQuoted = text.charCodeAt(at) === QUOTE;
  return isQuoted ? quotedCell(text, at, isLast, bad) : bareCell(text, at, isLast);
}

function quotedCell(text: string, start: number, isLast: boolean, bad: Bad): Cell | undefined {
  let content = "";
  for (let from = start + 1; ; ) {
    const close = text.indexOf('"', from);
    if (close < 0 && isLast) throw bad("a quote is opened and never closed");
    // At the end of a chunk, the other half of a doubled quote may be in the next.
    if (close < 0 || (close + 1 === text.length && !isLast)) return undefined;
    content += text.slice(from, close);
    if (text.charCodeAt(close + 1) !== QUOTE) return closed(text, content, close + 1, isLast, bad);
    content += '"';
    from = close + 2;
  }
}

function closed(
  text: string,
  content: string,
  end: number,
  isLast: boolean,
  bad: Bad,
): Cell | undefined {
  const after = text.charCodeAt(end);
  const isReturn = after === CARRIAGE_RETURN;
  const isCut = isReturn && end + 1 === text.length;
  if (isCut && !isLast) return undefined;
  const isEnd =
    Number.isNaN(after) || isCut || (isReturn && text.charCodeAt(end + 1) === LINE_FEED);
  if (after === COMMA || after === LINE_FEED || isEnd)
    return { text: content, isQuoted: true, end };
  throw bad(`"${text.charAt(end)}" follows a closing quote; double a quote inside quotes`);
}

function bareCell(text: string, at: number, isLast: boolean): Cell | undefined {
  let end = at;
  let code = text.charCodeAt(end);
  while (end < text.length && code !== COMMA && code !== LINE_FEED) {
    end += 1;
    code = text.charCodeAt(end);
  }
  if (end === text.length && !isLast) return undefined;
  const hasReturn = code === LINE_FEED && end > at && text.charCodeAt(end - 1) === CARRIAGE_RETURN;
  if (hasReturn) end -= 1;
  return { text: text.slice(at, end), isQuoted: false, end };
}
