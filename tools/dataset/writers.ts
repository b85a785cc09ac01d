/** Rows as the bytes of a file, batch by batch. @module */

import type { Format } from "./format.ts";
import { type Batch, cellOf, valueOfText } from "./row.ts";

/** Makes a file of rows: `begin` once, `rows` for each batch, `end` once. */
export interface RowWriter {
  begin(): Uint8Array;
  rows(batch: Batch): Uint8Array;
  end(): Uint8Array;
}

const encoder = new TextEncoder();
const nothing = new Uint8Array();

/** One JSON object per line. */
export function createNdjsonWriter(): RowWriter {
  return {
    begin: () => nothing,
    rows: (batch) => encoder.encode(batch.map((row) => `${JSON.stringify(row)}\n`).join("")),
    end: () => nothing,
  };
}

/** One array, with a row per line. */
export function createJsonWriter(): RowWriter {
  let separator = "[\n";
  return {
    begin: () => nothing,
    rows(batch) {
      if (batch.length === 0) return nothing;
      const text = separator + batch.map((row) => JSON.stringify(row)).join(",\n");
      separator = ",\n";
      return encoder.encode(text);
    },
    end: () => encoder.encode(separator === "[\n" ? "[]\n" : "\n]\n"),
  };
}

/** CSV whose text cells read back as text: quoted where they would pass for something else. */
export function createCsvWriter(columns: readonly string[]): RowWriter {
  const line = (cells: readonly string[]): string => `${cells.join(",")}\n`;
  const header = columns.map((name) =>
    name === "" || NEEDS_QUOTES.test(name) ? quoted(name) : name,
  );
  return {
    begin: () => encoder.encode(line(header)),
    rows(batch) {
      const lines = batch.map((row) => line(columns.map((column) => csvCell(cellOf(row, column)))));
      return encoder.encode(lines.join(""));
    },
    end: () => nothing,
  };
}

const NEEDS_QUOTES = /[",\r\n]/;

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

function csvCell(cell: unknown): string {
  if (cell === null) return "";
  if (typeof cell === "number" || typeof cell === "boolean") return String(cell);
  if (typeof cell !== "string") return quoted(JSON.stringify(cell));
  return NEEDS_QUOTES.test(cell) || valueOfText(cell) !== cell ? quoted(cell) : cell;
}

/** The writer of a text format. */
export function createTextWriter(
  format: Exclude<Format, "parquet">,
  columns: readonly string[],
): RowWriter {
  if (format === "csv") return createCsvWriter(columns);
  return format === "json" ? createJsonWriter() : createNdjsonWriter();
}
