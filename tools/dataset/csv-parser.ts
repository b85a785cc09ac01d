/**
 * CSV (RFC 4180) from text in chunks: strict about quotes and the number of cells.
 *
 * Papa Parse finds the cells. It does not say which of them were quoted, and it takes what is
 * blank behind a closing quote; where each cell stands in the text tells both.
 *
 * @module
 */

/// <reference path="./papaparse.d.ts" />
// The package's main entry requires Node's streams outside of browsers; this file does not.
import Papa from "papaparse/papaparse.min.js";
import { FORBIDDEN_COLUMN, FORBIDDEN_FAULT, type Row, valueOfText } from "./row.ts";
import { badData, checkRowSize, type RowParser } from "./text.ts";

const COMMA = 44;
const LINE_FEED = 10;
const QUOTE = 34;

const OPEN_QUOTE = "a quote is opened and never closed";
const LATE_TEXT = "text follows a closing quote; double a quote inside quotes";

/** Turns text into rows; the first line names the columns. */
export class CsvParser implements RowParser {
  readonly #path: string;
  // Not `Papa.parse`, which starts anew for each text and keeps several times as much in memory.
  // A carriage return before the line feed is left to us: a file may have both line ends.
  readonly #parser = new Papa.Parser({ delimiter: ",", newline: "\n" });
  #columns: readonly string[] | undefined;
  /** Text from the start of the first row that is not whole yet. */
  #rest = "";
  /** The length at which it is worth to look at it again, lest a long row is read for each chunk. */
  #worthLength = 0;
  #line = 1;

  constructor(path: string) {
    this.#path = path;
  }

  /** The names of the first line, once it was read. */
  get columns(): readonly string[] | undefined {
    return this.#columns;
  }

  /** The rows that are whole with `text`. */
  push(text: string): Row[] {
    this.#rest += text;
    const rows = this.#rest.length < this.#worthLength ? [] : this.#parse(this.#rest, false);
    checkRowSize(this.#path, `line ${this.#line}`, this.#rest.length);
    return rows;
  }

  /** The last row, which may lack its line end. */
  end(): Row[] {
    const isWhole = this.#rest === "" || this.#rest.endsWith("\n");
    const rows = this.#parse(isWhole ? this.#rest : `${this.#rest}\n`, true);
    if (this.#rest !== "") throw this.#bad(OPEN_QUOTE);
    if (this.#columns) return rows;
    throw badData(this.#path, "line 1", "the file is empty; CSV begins with the names of columns");
  }

  #parse(text: string, isLast: boolean): Row[] {
    const { data, errors } = this.#parser.parse(text, 0, true);
    const rows: Row[] = [];
    let at = 0;
    for (const [index, cells] of data.entries()) {
      if (errors[0]?.row === index) throw this.#bad(LATE_TEXT);
      at = this.#record(text, at, cells, rows);
    }
    // A text that ends between a closing quote and its line feed makes one error, for now.
    if (errors.length > (isLast ? 0 : 1)) throw this.#bad(LATE_TEXT);
    this.#rest = text.slice(at);
    this.#worthLength = 2 * this.#rest.length;
    return rows;
  }

  /** Take the record that begins at `at`; returns where the next begins. */
  #record(text: string, at: number, cells: readonly string[], rows: Row[]): number {
    const values: unknown[] = [];
    let [next, lines] = [at, 1];
    for (const cell of cells) {
      const isQuoted = text.charCodeAt(next) === QUOTE;
      next = isQuoted ? this.#closing(text, next, cell) : next + cell.length;
      if (isQuoted) lines += occurrences(cell, "\n");
      const isLast = text.charCodeAt(next) === LINE_FEED;
      const content = !isQuoted && isLast && cell.endsWith("\r") ? cell.slice(0, -1) : cell;
      values.push(isQuoted || !this.#columns ? content : valueOfText(content));
      next += 1;
    }
    const isBlank = text.charCodeAt(at) === LINE_FEED || text.startsWith("\r\n", at);
    if (!isBlank || this.#columns?.length === 1) this.#take(values, rows);
    this.#line += lines;
    return next;
  }

  /** Index of what ends the quoted cell that begins at `start`. */
  #closing(text: string, start: number, cell: string): number {
    const end = start + 1 + cell.length + occurrences(cell, '"') + 1;
    const code = text.charCodeAt(end);
    if (code === COMMA || code === LINE_FEED) return end;
    if (text.startsWith("\r\n", end)) return end + 1;
    throw this.#bad(LATE_TEXT);
  }

  #take(values: readonly unknown[], rows: Row[]): void {
    const columns = this.#columns;
    if (!columns) {
      this.#columns = this.#header(values as string[]);
      return;
    }
    if (values.length !== columns.length) {
      const cellCount = `${values.length} ${values.length === 1 ? "cell" : "cells"}`;
      throw this.#bad(`${cellCount} where the header names ${columns.length} columns`);
    }
    const row: Record<string, unknown> = {};
    for (let index = 0; index < columns.length; index += 1) {
      row[columns[index] as string] = values[index];
    }
    rows.push(row);
  }

  #header(names: readonly string[]): readonly string[] {
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) throw this.#bad(`two columns are named "${twice}"; rename one`);
    if (names.includes(FORBIDDEN_COLUMN)) throw this.#bad(FORBIDDEN_FAULT);
    return names;
  }

  #bad(fault: string): Error {
    return badData(this.#path, `line ${this.#line}`, fault);
  }
}

function occurrences(text: string, part: string): number {
  return text.includes(part) ? text.split(part).length - 1 : 0;
}
