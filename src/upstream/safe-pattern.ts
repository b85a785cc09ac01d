/**
 * Schemas of mounted servers, made safe to check with: no regular expression that a hostile text
 * could keep busy for long, and no reference that leads out of the schema.
 *
 * What is dropped here is only not checked by us; the mounted server still checks it.
 *
 * @module
 */

import type { JsonSchema } from "../registry/json-schema.ts";

const MAX_PATTERN_LENGTH = 256;
/** `*`, `+`, `{n,}`: each multiplies the work by the length of the text. */
const MAX_UNBOUNDED = 2;
/** `?`, `{n,m}`, `|`: each may double the work. */
const MAX_CHOICES = 6;

/**
 * The longest text that `pattern` may be tried on, or 0 when it must not be used at all.
 *
 * A pattern with u unbounded quantifiers costs at most about length^(u+1) steps, so the length is
 * bounded to keep that near a million.
 */
export function safeLength(pattern: string): number {
  if (pattern.length > MAX_PATTERN_LENGTH || !compiles(pattern)) return 0;
  // Classes and escapes count as one letter, so that what they hold is not taken for syntax.
  const plain = pattern
    .replaceAll(/\\[1-9k]/g, "(?=)")
    .replaceAll(/\\[pP]\{[^}]*\}|\\u\{[^}]*\}|\\./g, "a")
    .replaceAll(/\[[^\]]*\]/g, "a");
  const hasLook = /\(\?(?:[=!]|<[=!])/.test(plain);
  const repeatsGroup = /\)(?:[*+?]|\{)/.test(plain);
  if (hasLook || repeatsGroup) return 0;
  const body = plain.replaceAll("(?:", "(").replaceAll(/\(\?<[A-Za-z_]\w*>/g, "(");
  const unbounded = body.match(/[*+]|\{\d+,\}/g)?.length ?? 0;
  const choices = body.replaceAll(/([*+}])\?/g, "$1").match(/\?|\{\d+,\d+\}|\|/g)?.length ?? 0;
  if (unbounded > MAX_UNBOUNDED || choices > MAX_CHOICES) return 0;
  return [65_536, 1024, 100][unbounded] ?? 0;
}

function compiles(pattern: string): boolean {
  try {
    new RegExp(pattern, "u");
    return true;
  } catch {
    // An invalid pattern is the mounted server's mistake; it is left to that server to check.
    return false;
  }
}

/** Keywords whose values are data, not schemas. */
const literals = new Set(["enum", "const", "default", "examples"]);
/** Keywords whose values are schemas by name: the names are not keywords. */
const maps = new Set([
  ...["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"],
]);

/** A schema to check with; `undefined` when it refers to something outside of itself. */
export function checkableSchema(schema: JsonSchema): JsonSchema | undefined {
  let isClosed = true;
  const visit = (node: unknown, isMap: boolean): unknown => {
    if (Array.isArray(node)) return node.map((item) => visit(item, false));
    if (typeof node !== "object" || node === null) return node;
    const copy = Object.fromEntries(
      Object.entries(node).map(([key, value]) => [key, visitEntry(key, value, isMap)]),
    );
    if (isMap) return copy;
    guardPattern(copy);
    guardPatternProperties(copy);
    return copy;
  };
  const visitEntry = (key: string, value: unknown, isMap: boolean): unknown => {
    if (isMap) return visit(value, false);
    if (literals.has(key)) return value;
    const isReference = key === "$ref" || key === "$dynamicRef" || key === "$recursiveRef";
    if (isReference && !(typeof value === "string" && value.startsWith("#"))) isClosed = false;
    return visit(value, maps.has(key));
  };
  const copy = visit(schema, false) as JsonSchema;
  return isClosed ? copy : undefined;
}

function guardPattern(node: Record<string, unknown>): void {
  const { pattern, ...rest } = node;
  if (typeof pattern !== "string") return;
  delete node.pattern;
  const maxLength = safeLength(pattern);
  if (maxLength === 0) return;
  // biome-ignore lint/suspicious/noThenProperty: JSON Schema's keyword.
  const guarded = { if: { type: "string", maxLength }, then: { pattern } };
  node.allOf = [...(Array.isArray(rest.allOf) ? rest.allOf : []), guarded];
}

function guardPatternProperties(node: Record<string, unknown>): void {
  const { patternProperties: patterns } = node;
  if (typeof patterns !== "object" || patterns === null || Array.isArray(patterns)) return;
  const entries = Object.entries(patterns);
  // Names of properties are not bounded in length, so only patterns without repetition are kept.
  const safe = entries.filter(([pattern]) => safeLength(pattern) === 65_536);
  if (safe.length === entries.length) return;
  node.patternProperties = Object.fromEntries(safe);
  // Without the dropped patterns, their properties would look unknown.
  delete node.additionalProperties;
  delete node.unevaluatedProperties;
}
