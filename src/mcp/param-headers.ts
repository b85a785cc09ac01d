/**
 * Parameters that travel in a header too: `x-mcp-header` of an input schema, `Mcp-Param-*` of a
 * request. They must say the same, so that a proxy can route by the header.
 *
 * Source: MCP 2026-07-28, basic/transports, SEP-2243.
 *
 * @module
 */

import type { Tool } from "../registry/definition.ts";
import type { JsonSchema } from "../registry/json-schema.ts";
import { RPC_CODE } from "./protocol.ts";
import type { RpcError } from "./results.ts";

interface Declaration {
  readonly path: readonly string[];
  readonly header: string;
}

const known = new WeakMap<Tool, readonly Declaration[]>();

function collect(schema: unknown, path: readonly string[], into: Declaration[]): void {
  const { properties } = schema as { properties?: Readonly<Record<string, JsonSchema>> };
  for (const [name, inner] of Object.entries(properties ?? {})) {
    if (typeof inner !== "object" || inner === null) continue;
    const header = inner["x-mcp-header"];
    if (typeof header === "string") into.push({ path: [...path, name], header });
    collect(inner, [...path, name], into);
  }
}

function declarationsOf(tool: Tool): readonly Declaration[] {
  let declarations = known.get(tool);
  if (!declarations) {
    const found: Declaration[] = [];
    collect(tool.inputSchema, [], found);
    declarations = found;
    known.set(tool, declarations);
  }
  return declarations;
}

/** Whether calls of a tool need {@link checkParamHeaders}. */
export function declaresParamHeaders(tool: Tool): boolean {
  return declarationsOf(tool).length > 0;
}

const SENTINEL = /^=\?base64\?(.*)\?=$/;

/** RFC 4648 with its padding, which `atob` would not insist on. */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** A header's value, decoded where it is marked as Base64; `undefined` where that is broken. */
function decoded(value: string): string | undefined {
  const encoded = SENTINEL.exec(value)?.[1];
  if (encoded === undefined) return value;
  if (!BASE64.test(encoded)) return undefined;
  try {
    const bytes = Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

const valueAt = (args: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (at, key) =>
      typeof at === "object" && at !== null && Object.hasOwn(at, key)
        ? (at as Record<string, unknown>)[key]
        : undefined,
    args,
  );

function says(header: string, value: unknown): boolean {
  const text = decoded(header);
  if (text === undefined) return false;
  return typeof value === "number"
    ? text.trim() !== "" && Number(text) === value
    : text === String(value);
}

/** The error of a call whose headers and arguments disagree, else `undefined`. */
export function checkParamHeaders(
  tool: Tool,
  args: unknown,
  header: (name: string) => string | null,
): RpcError | undefined {
  for (const { path, header: suffix } of declarationsOf(tool)) {
    const value = valueAt(args, path);
    if (value === undefined || value === null || typeof value === "object") continue;
    const name = `Mcp-Param-${suffix}`;
    const given = header(name);
    if (given !== null && says(given, value)) continue;
    const found = given === null ? "is missing" : `says ${JSON.stringify(given)}`;
    return {
      code: RPC_CODE.headerMismatch,
      message: `The header ${name} ${found}, but the argument ${path.join(".")} is ${JSON.stringify(value)}`,
      data: { mismatch: { header: name, body: path.join(".") } },
    };
  }
  return undefined;
}
