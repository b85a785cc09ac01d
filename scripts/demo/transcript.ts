/** What the demonstration prints. @module */

import process from "node:process";
import type { LineStyle } from "../../src/workflow/draw/lines.ts";

const isColoured = process.stdout.isTTY === true && !process.env.NO_COLOR;
const paint =
  (code: number) =>
  (text: string): string =>
    isColoured ? `\u001b[${code}m${text}\u001b[0m` : text;

/** The colours of this terminal; each is the text itself where there is none. */
export const style: LineStyle = {
  ...{ bold: paint(1), dim: paint(2), red: paint(31) },
  ...{ green: paint(32), yellow: paint(33), cyan: paint(36) },
};

const { bold, dim, green, red } = style;

/** Characters of a line, without the margin. */
export const columns: number = Math.max(40, process.stdout.columns ?? 100) - 2;

/** A time as people read it: `0.42 ms`, `17 ms`, `1.3 s`. */
export function formatMs(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`;
  return ms >= 10 ? `${Math.round(ms)} ms` : `${ms.toFixed(2)} ms`;
}

/** Begin a part of the demonstration. */
export function heading(text: string): void {
  console.log(`\n${bold(text)}`);
}

/** One line of what happened. */
export function line(what: string, ms?: number, more = ""): void {
  const time = ms === undefined ? "" : formatMs(ms);
  console.log(`  ${green("✓")} ${what.padEnd(62)} ${time.padStart(8)}  ${dim(more)}`.trimEnd());
}

/** Something that did not work. */
export function failure(what: string, error: unknown): void {
  console.log(`  ${red("✗")} ${what}: ${error instanceof Error ? error.message : String(error)}`);
}

/** A remark. */
export function note(text: string): void {
  console.log(`  ${dim(text)}`);
}

/** Lines that were drawn elsewhere. */
export function drawing(lines: readonly string[]): void {
  console.log(["", ...lines.map((one) => `  ${one}`), ""].join("\n"));
}

/** The beginning of a text, in one line. */
export const oneLine = (text: string): string => text.replaceAll(/\s+/g, " ").slice(0, 60);
