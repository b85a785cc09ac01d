/**
 * A configuration file as values that know their line.
 *
 * YAML is a superset of JSON, so one parser reads both and both get lines in their errors.
 *
 * @module
 */

import type { Document, LineCounter } from "yaml";
import { InputError } from "../errors.ts";

/** A place in a text, counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A parsed file. */
export interface FileTree {
  readonly path: string;
  readonly value: unknown;
  /** The line of the deepest part of `path` that the file has. */
  locate(path: readonly (string | number)[]): Position;
}

/** Parse a file; throws `invalid_config` with line and column of every fault of syntax. */
export async function parseFile(path: string, text: string): Promise<FileTree> {
  // Loaded here because it costs more than the rest of the configuration, and most starts have no file.
  const yaml = await import("yaml");
  const lines = new yaml.LineCounter();
  const document = yaml.parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    const faults = document.errors.map(({ pos, message }) => {
      const { line, col } = lines.linePos(pos[0]);
      return `${path}:${line}:${col}: ${message}`;
    });
    throw new InputError("invalid_config", faults.join("\n"), { data: { path } });
  }
  return {
    path,
    value: contentOf(path, document),
    locate: (keys) => locate(yaml, document, lines, keys),
  };
}

/** Aliases are resolved here, and a file that multiplies itself through them is refused. */
function contentOf(path: string, document: Document): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new InputError("invalid_config", `${path}: ${detail}`, { cause, data: { path } });
  }
}

function locate(
  yaml: typeof import("yaml"),
  document: Document,
  lines: LineCounter,
  keys: readonly (string | number)[],
): Position {
  let node: unknown = document.contents;
  let offset = 0;
  for (const key of keys) {
    if (yaml.isAlias(node)) node = node.resolve(document);
    const child: unknown = yaml.isMap(node)
      ? node.items.find((pair) => yaml.isScalar(pair.key) && String(pair.key.value) === String(key))
      : yaml.isSeq(node)
        ? node.items[Number(key)]
        : undefined;
    const anchor = yaml.isPair(child) ? child.key : child;
    if (!yaml.isNode(anchor) || !anchor.range) break;
    offset = anchor.range[0];
    node = yaml.isPair(child) ? child.value : child;
  }
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}
