/**
 * What a person or a program reads: results on stdout, talk on stderr, colour only on a terminal.
 *
 * @module
 */

import type { Terminal } from "../host.ts";

type Paint = (text: string) => string;

/** Colours and weights; each is the text itself where there is no terminal. */
export interface Style {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly cyan: Paint;
}

/** Where commands write. */
export interface Output {
  readonly style: Style;
  /** Lines may be rewritten and cut; false where a program reads. */
  readonly isInteractive: boolean;
  readonly columns: number;
  /** A result, with its newline added. */
  result(text: string): Promise<void>;
  /** A result for a program: one JSON text, indented on a terminal. */
  json(value: unknown): Promise<void>;
  /** A word beside the result. */
  talk(text: string): Promise<void>;
  /** Text as it is, e.g. to move the cursor. */
  raw(text: string): Promise<void>;
}

const plain: Paint = (text) => text;
const sgr =
  (open: number, close: number): Paint =>
  (text) =>
    `\u001b[${open}m${text}\u001b[${close}m`;

const PLAIN: Style = {
  bold: plain,
  dim: plain,
  red: plain,
  green: plain,
  yellow: plain,
  cyan: plain,
};

const COLOURED: Style = {
  bold: sgr(1, 22),
  dim: sgr(2, 22),
  red: sgr(31, 39),
  green: sgr(32, 39),
  yellow: sgr(33, 39),
  cyan: sgr(36, 39),
};

/** Whether this terminal wants colours (https://no-color.org). */
function hasColour(terminal: Terminal, environment: Readonly<Record<string, string>>): boolean {
  return terminal.isInteractive && !environment.NO_COLOR && environment.TERM !== "dumb";
}

/** Output on a terminal of the host. */
export function createOutput(
  terminal: Terminal,
  environment: Readonly<Record<string, string>>,
): Output {
  const { isInteractive, columns } = terminal;
  return {
    style: hasColour(terminal, environment) ? COLOURED : PLAIN,
    isInteractive,
    columns: isInteractive ? Math.max(columns, 40) : Number.POSITIVE_INFINITY,
    result: (text) => terminal.print(`${text}\n`),
    json: (value) => terminal.print(`${JSON.stringify(value, null, isInteractive ? 2 : 0)}\n`),
    talk: (text) => terminal.printError(`${text}\n`),
    raw: (text) => terminal.print(text),
  };
}

/**
 * Text of a stranger as one line that moves no cursor: a mounted server writes its own
 * descriptions, and a terminal obeys what it reads.
 */
export function oneLine(text: string): string {
  return printable(text).replaceAll(/\s+/g, " ").trim();
}

/**
 * Text of a stranger with its line breaks and tabs, and without any other control character, nor
 * the invisible ones that turn text around or hide some of it.
 */
export function printable(text: string): string {
  return text.replaceAll(
    /[^\P{Cc}\n\t]|[\u200B\u2060-\u2064\uFEFF\u202A-\u202E\u2066-\u2069]/gu,
    "",
  );
}
