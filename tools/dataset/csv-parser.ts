/**
 * CSV (RFC 4180) from text in chunks: strict about quotes and the number of cells.
 *
 * Our own, because the libraries either need Node's Buffer and are four times slower, or accept
 * a broken file in silence; `csv-parse` is what the tests compare it with.
 *
 * @module
 */

import { CARRIAGE_RETURN, type Cell, COMMA, cellAt } from "./csv-cell.ts";
import { type Row, valueOfText } from "./row.ts";
import { badData, checkRowSize } from "./text.ts";

/** Turns text into rows; the first line names the columns. */
export class CsvParser {
  readonly #path: string;
  #columns: readonly string[] | undefined;
  #rest = "";
  #line = 1;
  /** Rows of the current `push`. */
  #rows: Row[] = [];

  constructor(path: string) {
    this.#path = path;
  }

  /** The names of the first line, once it was read. */
  get columns(): readonly string[] | undefined {
    return this.#columns;
  }

  /** The rows that end in `text`. */
  push(text: string): Row[] {
    return this.#parse(this.#rest + text, false);
  }

  /** The last row, which may lack its line end. */
  end(): Row[] {
    const rows = this.#parse(this.#rest, true);
    if (this.#columns) return rows;
    throw badData(this.#path, "line 1", "the file is empty; CSV begins with the names of columns");
  }

  #parse(text: string, isLast: boolean): Row[] {
    this.#rows = [];
    let at = 0;
    let quote = text.indexOf('"');
    while (at < text.length) {
      let end = text.indexOf("\n", at);
      if (end < 0 && isLast) end = text.length;
      if (quote >= 0 && quote < at) quote = text.indexOf('"', at);
      const hasQuote = quote >= 0 && (end < 0 || quote < end);
      const next = hasQuote ? this.#quotedRecord(text, at, isLast) : this.#plainLine(text, at, end);
      if (next === undefined) break;
      at = next;
    }
    this.#rest = text.slice(at);
    checkRowSize(this.#path, `line ${this.#line}`, this.#rest.length);
    return this.#rows;
  }

  /** A line without quotes, as most are; `undefined` when its end is not here yet. */
  #plainLine(text: string, at: number, end: number): number | undefined {
    if (end < 0) return undefined;
    const hasReturn = end > at && text.charCodeAt(end - 1) === CARRIAGE_RETURN;
    const cells: unknown[] = text.slice(at, hasReturn ? end - 1 : end).split(",");
    if (this.#columns) {
      for (let index = 0; index < cells.length; index += 1) {
        cells[index] = valueOfText(cells[index] as string);
      }
    }
    const isBlank = !this.#columns && cells.length === 1 && cells[0] === "";
    if (!isBlank) this.#record(cells);
    this.#line += 1;
    return end + 1;
  }

  /** A record with quotes, which may span lines; `undefined` when its end is not here yet. */
  #quotedRecord(text: string, start: number, isLast: boolean): number | undefined {
    const cells: unknown[] = [];
    const next = (at: number): Cell | undefined =>
      cellAt(text, at, isLast, (fault) => this.#bad(fault));
    for (let cell = next(start); cell; cell = next(cell.end + 1)) {
      cells.push(cell.isQuoted || !this.#columns ? cell.text : valueOfText(cell.text));
      if (text.charCodeAt(cell.end) === COMMA) continue;
      this.#record(cells);
      const after = cell.end + (text.charCodeAt(cell.end) === CARRIAGE_RETURN ? 2 : 1);
      for (let end = text.indexOf("\n", start); end >= 0 && end < after; ) {
        this.#line += 1;
        end = text.indexOf("\n", end + 1);
      }
      return after;
    }
    return undefined;
  }

  #record(cells: readonly unknown[]): void {
    if (!this.#columns) {
      this.#columns = this.#header(cells as string[]);
      return;
    }
    const columns = this.#columns;
    if (cells.length !== columns.length) {
      const isBlank = cells.length === 1 && cells[0] === null;
      if (isBlank) return;
      const cellCount = `${cells.length} ${cells.length === 1 ? "cell" : "cells"}`;
      throw this.#bad(`${cellCount} where the header names ${columns.length} columns`);
    }
    const row: Record<string, unknown> = {};
    for (let index = 0; index < columns.length; index += 1) {
      row[columns[index] as string] = cells[index];
    }
    this.#rows.push(row);
  }

  #header(names: readonly string[]): readonly string[] {
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) throw this.#bad(`two columns are named "${twice}"; rename one`);
    // Assigning it would change the row's prototype instead of adding a column.
    if (names.includes("__proto__")) throw this.#bad('no column may be named "__proto__"');
    return names;
  }

  #bad(fault: string): Error {
    return badData(this.#path, `line ${this.#line}`, fault);
  }
}
