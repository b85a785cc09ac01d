/** Which columns a table has, and what their cells are: known only when every row was seen. @module */

import { ToolError } from "../../src/tool.ts";
import { type Batch, type Row, type Table, weightOf } from "./row.ts";

/** What one column holds; `mixed` also for lists and objects. */
export type Kind = "null" | "boolean" | "int32" | "int64" | "double" | "text" | "mixed";

/** Columns in the order in which they first appear. */
export interface Survey {
  readonly kinds: ReadonlyMap<string, Kind>;
  /** The same rows, from memory where they are few. */
  batches(): AsyncIterable<Batch>;
}

/** More columns than this are most likely data in the place of names. */
export const MAX_COLUMNS = 10_000;
/** Rows of at most this weight are kept, so that a small table is read once. */
const MAX_KEPT_BYTES = 16 * 1024 * 1024;

/** Read every row once. */
export async function survey(table: Table): Promise<Survey> {
  const kinds = new Map<string, Kind>(table.columns?.map((column) => [column, "null"]));
  let kept: Batch[] | undefined = [];
  let bytes = 0;
  for await (const batch of table.batches()) {
    for (const row of batch) note(kinds, row);
    checkColumns(kinds.size);
    if (!kept) continue;
    for (const row of batch) bytes += weightOf(row);
    if (bytes <= MAX_KEPT_BYTES) kept.push(batch);
    else kept = undefined;
  }
  const rows = kept;
  return { kinds, batches: rows ? () => replay(rows) : () => table.batches() };
}

async function* replay(batches: readonly Batch[]): AsyncGenerator<Batch> {
  yield* batches;
}

/** Refuse a table that is wider than any real one. */
export function checkColumns(count: number): void {
  if (count <= MAX_COLUMNS) return;
  throw new ToolError(
    "too_large",
    `The rows have more than ${MAX_COLUMNS} different columns; choose fewer, or turn names into values`,
  );
}

function note(kinds: Map<string, Kind>, row: Row): void {
  for (const column in row) {
    const known = kinds.get(column) ?? "null";
    const kind = known === "mixed" ? known : wider(known, kindOf(row[column]));
    if (kind !== known || known === "null") kinds.set(column, kind);
  }
}

/** The kind of one cell. */
export function kindOf(cell: unknown): Kind {
  if (cell === null || cell === undefined) return "null";
  if (typeof cell === "string") return "text";
  if (typeof cell === "boolean") return "boolean";
  if (typeof cell !== "number") return "mixed";
  if (!Number.isSafeInteger(cell) || Object.is(cell, -0)) return "double";
  return cell === (cell | 0) ? "int32" : "int64";
}

const NUMBERS: readonly Kind[] = ["int32", "int64", "double"];

/** The kind that can hold both. */
export function wider(a: Kind, b: Kind): Kind {
  if (a === b || b === "null") return a;
  if (a === "null") return b;
  const order = Math.max(NUMBERS.indexOf(a), NUMBERS.indexOf(b));
  return NUMBERS.includes(a) && NUMBERS.includes(b) ? (NUMBERS[order] ?? "mixed") : "mixed";
}
