/**
 * `Mcp-Param-*` headers: parameters that a modern HTTP server wants to see without reading the
 * body (`x-mcp-header` in a tool's input schema, SEP-2243).
 *
 * @module
 */

import type { RpcObject } from "./rpc.ts";

/** One `x-mcp-header` of a schema, as it stands there. */
interface Mark {
  readonly path: readonly string[];
  readonly header: unknown;
  readonly type: unknown;
  /** The parameter can be named: the way to it leads through `properties` only. */
  readonly isNamed: boolean;
}

/** One parameter that travels as a header too. */
interface Declaration extends Mark {
  readonly header: string;
}

const token = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;

/** Finds the headers of one call; undefined where the tool wants none. */
export type ParamHeaders = (input: unknown) => Record<string, string> | undefined;

/** The headers that calls with this input schema need. */
export function paramHeadersOf(schema: unknown): ParamHeaders | undefined {
  const declarations = [...marksIn(schema)].filter(isDeclaration);
  if (declarations.length === 0) return undefined;
  return (input) => {
    const headers: Record<string, string> = {};
    for (const { path, header } of declarations) {
      const value = valueAt(input, path);
      if (["string", "boolean", "number"].includes(typeof value)) {
        headers[`Mcp-Param-${header}`] = encoded(String(value));
      }
    }
    return headers;
  };
}

function isDeclaration(mark: Mark): mark is Declaration {
  const { header, isNamed, path } = mark;
  return typeof header === "string" && token.test(header) && isNamed && path.length > 0;
}

/** Floating-point numbers are left out: they have more than one spelling. */
const headerTypes: ReadonlySet<unknown> = new Set(["string", "integer", "boolean"]);

/** What is wrong with the `x-mcp-header`s of a schema; a tool with such a fault is not to be used. */
export function paramHeaderFault(schema: unknown): string | undefined {
  const seen = new Set<string>();
  for (const mark of marksIn(schema)) {
    const { header, type, path } = mark;
    const shown = `x-mcp-header ${JSON.stringify(header)} of /${path.join("/")}`;
    if (!isDeclaration(mark)) return `${shown} is no header name, or no parameter's`;
    if (!headerTypes.has(type)) return `${shown} must be of a string, integer or boolean`;
    const name = mark.header.toLowerCase();
    if (seen.has(name)) return `${shown} is there twice`;
    seen.add(name);
  }
  return undefined;
}

const MAX_DEPTH = 16;

/** Values of these keywords are data, not schemas. */
const dataKeywords = new Set(["default", "const", "enum", "examples", "required", "type"]);

function* marksIn(
  schema: unknown,
  path: readonly string[] = [],
  isNamed = true,
  depth = 0,
): Iterable<Mark> {
  if (typeof schema !== "object" || schema === null || depth > MAX_DEPTH) return;
  const node = schema as RpcObject;
  const { "x-mcp-header": header, type } = node;
  if (header !== undefined) yield { path, header, type, isNamed };
  for (const [keyword, value] of Object.entries(node)) {
    if (typeof value !== "object" || value === null || dataKeywords.has(keyword)) continue;
    if (keyword !== "properties") yield* marksIn(value, [...path, keyword], false, depth + 1);
    else {
      for (const [name, child] of Object.entries(value)) {
        yield* marksIn(child, [...path, name], isNamed, depth + 1);
      }
    }
  }
}

function valueAt(root: unknown, path: readonly string[]): unknown {
  let node = root;
  for (const key of path) {
    if (typeof node !== "object" || node === null || !Object.hasOwn(node, key)) return undefined;
    node = (node as RpcObject)[key];
  }
  return node;
}

/** As it is where a header can carry it, else base64 between the marks that MCP gives. */
function encoded(value: string): string {
  const isPlain = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value);
  if (isPlain && !value.startsWith("=?base64?")) return value;
  const bytes = new TextEncoder().encode(value);
  return `=?base64?${btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))}?=`;
}
