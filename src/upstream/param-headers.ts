/**
 * `Mcp-Param-*` headers: parameters that a modern HTTP server wants to see without reading the
 * body (`x-mcp-header` in a tool's input schema, SEP-2243).
 *
 * @module
 */

import type { RpcObject } from "./rpc.ts";

/** One parameter that travels as a header too. */
interface Declaration {
  readonly path: readonly string[];
  readonly header: string;
}

const token = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;

/** Finds the headers of one call; undefined where the tool wants none. */
export type ParamHeaders = (input: unknown) => Record<string, string> | undefined;

/** The headers that calls with this input schema need. */
export function paramHeadersOf(schema: unknown): ParamHeaders | undefined {
  const declarations = declarationsIn(schema, []);
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

function declarationsIn(schema: unknown, path: readonly string[]): readonly Declaration[] {
  if (typeof schema !== "object" || schema === null || path.length > 16) return [];
  const { properties, "x-mcp-header": header } = schema as RpcObject;
  const own =
    typeof header === "string" && token.test(header) && path.length > 0 ? [{ path, header }] : [];
  if (typeof properties !== "object" || properties === null) return own;
  const below = Object.entries(properties).flatMap(([key, child]) =>
    declarationsIn(child, [...path, key]),
  );
  return [...own, ...below];
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
