/** Rows of a dataset, and how their cells compare. @module */

/** One row: JSON values by column. A column that a row does not have is as good as null. */
export type Row = Readonly<Record<string, unknown>>;

/** Assigning it would change a row's prototype instead of adding a column, so no row may have it. */
export const FORBIDDEN_COLUMN = "__proto__";
export const FORBIDDEN_FAULT: string = `no column may be named "${FORBIDDEN_COLUMN}"`;

/** Whether a JSON value is an object, as a row is. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Rows that were read together. */
export type Batch = readonly Row[];

/** Something that rows can be read from, more than once. */
export interface Table {
  /** Where they are known before any row was read. */
  readonly columns?: readonly string[];
  readonly totalRows?: number;
  batches(): AsyncIterable<Batch>;
}

/** The cell of a row, `null` where there is none. Nothing inherited is reachable. */
export function cellOf(row: Row, column: string): unknown {
  return Object.hasOwn(row, column) ? (row[column] ?? null) : null;
}

/** Numbers as JSON writes them; not `007`, `1,5`, `0x10` or `.5`, which may be codes. */
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** More digits than this may not survive as a number. */
const SURE_DIGITS = 15;

/** What unquoted text stands for: nothing, a number or a truth value where it is exactly that. */
export function valueOfText(text: string): unknown {
  if (text === "") return null;
  const first = text.charCodeAt(0);
  // Digits and the minus sign; everything else is cheaper to tell apart than by the pattern.
  if ((first >= 48 && first <= 57) || first === 45) {
    if (!NUMBER.test(text)) return text;
    const number = Number(text);
    if (text.length > SURE_DIGITS && String(number) !== text) return text;
    return Number.isFinite(number) ? number : text;
  }
  if (first === 116 && text === "true") return true;
  if (first === 102 && text === "false") return false;
  return text;
}

/** A cell as a number, also where it is a number in text. */
export function numberOf(cell: unknown): number | undefined {
  const value = typeof cell === "string" ? valueOfText(cell) : cell;
  return typeof value === "number" ? value : undefined;
}

const RANKS: Readonly<Record<string, number>> = { boolean: 0, number: 1, string: 2, object: 3 };

/** Order of two cells: truth values, numbers, text (by code units), the rest, and null last. */
export function compareCells(a: unknown, b: unknown): number {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? 1 : -1;
  const order = (RANKS[typeof a] ?? 4) - (RANKS[typeof b] ?? 4);
  if (order !== 0) return order;
  const [left, right] = typeof a === "object" ? [keyOf(a), keyOf(b)] : [a, b];
  if (left === right) return 0;
  return (left as string) < (right as string) ? -1 : 1;
}

/** Text that is equal for equal cells, and holds no part of the file's text in memory. */
export function keyOf(cell: unknown): string {
  return JSON.stringify(cell ?? null);
}

/**
 * A copy of cells or rows that are kept while others of their file are let go.
 *
 * Text that was cut out of a chunk keeps the whole chunk in memory; its copy does not.
 */
export function detached<T>(value: T): T {
  // A copy through JSON has the type of what JSON could hold, which cells and rows are.
  return typeof value === "string" || typeof value === "object"
    ? (JSON.parse(JSON.stringify(value)) as T)
    : value;
}

/** Roughly what a row takes in memory, in bytes. */
export function weightOf(row: Row): number {
  let bytes = 64;
  for (const key in row) {
    const cell = row[key];
    if (typeof cell === "string") bytes += 40 + 2 * cell.length;
    else if (typeof cell === "object" && cell !== null) bytes += 64 + 4 * keyOf(cell).length;
    else bytes += 16;
  }
  return bytes;
}
