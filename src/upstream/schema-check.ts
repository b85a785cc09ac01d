/** Values against the JSON Schema of a mounted tool, compiled once. @module */

import { type OutputUnit, type SchemaDraft, Validator } from "@cfworker/json-schema";
import { InputError, IntegrityError } from "../errors.ts";
import { nearest } from "../nearest.ts";
import type { JsonSchema } from "../registry/json-schema.ts";
import { checkableSchema } from "./safe-pattern.ts";

/** What is wrong with a value, or nothing. */
export type Check = (value: unknown) => Flaw | undefined;

/** Where a value breaks its schema, and what stood there instead. */
export interface Flaw {
  /** JSON Pointer into the value. */
  readonly path: string;
  readonly sentence: string;
}

/** Larger schemas are left to the mounted server to check. */
const MAX_SCHEMA_LENGTH = 262_144;

const sound: Check = () => undefined;

function draftOf({ $schema }: JsonSchema): SchemaDraft {
  if (typeof $schema !== "string") return "2020-12";
  if ($schema.includes("draft-07") || $schema.includes("draft-06")) return "7";
  if ($schema.includes("draft-04")) return "4";
  return $schema.includes("2019-09") ? "2019-09" : "2020-12";
}

/** A check of values against `schema`; one that accepts all where the schema cannot be used. */
export function compileCheck(schema: JsonSchema): Check {
  const checkable = schemaToCheck(schema);
  if (!checkable) return sound;
  const validator = new Validator(checkable, draftOf(schema), true);
  let isUsable = true;
  return (value) => {
    if (!isUsable) return undefined;
    try {
      const { valid, errors } = validator.validate(value);
      return valid ? undefined : flawOf(errors, checkable, value);
    } catch {
      // A reference to nothing, or one that leads back to itself: the schema cannot be used here,
      // and the mounted server, whose schema it is, checks what it gets itself.
      isUsable = false;
      return undefined;
    }
  };
}

function schemaToCheck(schema: JsonSchema): JsonSchema | undefined {
  if (JSON.stringify(schema).length > MAX_SCHEMA_LENGTH) return undefined;
  try {
    const checkable = checkableSchema(schema);
    // The constructor resolves references and refuses double anchors.
    if (checkable) new Validator(checkable, draftOf(schema));
    return checkable;
  } catch {
    // As above: a schema that is no schema checks nothing.
    return undefined;
  }
}

/** The deepest error says most; the ones above it only that something below is wrong. */
function flawOf(errors: readonly OutputUnit[], schema: JsonSchema, value: unknown): Flaw {
  const depth = ({ instanceLocation, keywordLocation }: OutputUnit): number =>
    instanceLocation.split("/").length * 100 + keywordLocation.split("/").length;
  // "false" is the schema of what must not be there; the error above it has the name.
  const telling = errors.filter(({ keyword }) => keyword !== "false");
  const [worst] = telling.sort((a, b) => depth(b) - depth(a));
  if (!worst) return { path: "", sentence: "the value does not match its schema" };
  const path = worst.instanceLocation.replace(/^#/, "");
  const node = at(schema, worst.keywordLocation.replace(/^#/, ""));
  const unknown = unknownProperty(worst, at(schema, parentOf(worst.keywordLocation)));
  const where = path === "" ? "the input" : path;
  if (unknown) return { path: `${path}/${unknown.name}`, sentence: `${where} ${unknown.sentence}` };
  const expected = expectation(worst, node);
  if (expected === undefined) return { path, sentence: `${where}: ${worst.error}` };
  return { path, sentence: `${where} ${expected}, got ${shown(at(value, path))}` };
}

function parentOf(location: string): string {
  return location.replace(/^#/, "").replace(/\/[^/]*$/, "");
}

function at(root: unknown, pointer: string): unknown {
  let node = root;
  for (const part of pointer.split("/").slice(1)) {
    if (typeof node !== "object" || node === null) return undefined;
    const key = decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~");
    node = Object.hasOwn(node, key) ? (node as Record<string, unknown>)[key] : undefined;
  }
  return node;
}

function expectation(unit: OutputUnit, keyword: unknown): string | undefined {
  switch (unit.keyword) {
    case "type":
      return `must be ${[keyword].flat().join(" or ")}`;
    case "enum":
      return `must be one of ${(Array.isArray(keyword) ? keyword : []).map(shown).join(", ")}`;
    case "const":
      return `must be ${shown(keyword)}`;
    case "format":
    case "minimum":
    case "maximum":
    case "minLength":
    case "maxLength":
    case "minItems":
    case "maxItems":
    case "pattern":
      return `must have ${unit.keyword} ${shown(keyword)}`;
    case "required":
      return missing(unit);
    default:
      return undefined;
  }
}

function missing({ error }: OutputUnit): string {
  return `must have the property ${/property "(.*)"/.exec(error)?.[1] ?? "that is required"}`;
}

function unknownProperty(
  { keyword, error }: OutputUnit,
  schema: unknown,
): { readonly name: string; readonly sentence: string } | undefined {
  if (keyword !== "additionalProperties" && keyword !== "unevaluatedProperties") return undefined;
  const name = /Property "(.*)" does not match/.exec(error)?.[1];
  if (name === undefined) return undefined;
  const properties = at(schema, "/properties");
  const known =
    typeof properties === "object" && properties !== null ? Object.keys(properties) : [];
  const near = nearest(name, known);
  const accepts = known.length > 0 ? `it takes ${known.join(", ")}` : "it takes none";
  const hint = near.length > 0 ? `; did you mean ${near.join(" or ")}?` : "";
  return { name, sentence: `has no property "${name}": ${accepts}${hint}` };
}

function shown(value: unknown): string {
  const json = JSON.stringify(value);
  return json === undefined ? "nothing" : json.length > 60 ? `${json.slice(0, 57)}…` : json;
}

/** Refuse an input that breaks the tool's schema. */
export function refuseInput(tool: string, { path, sentence }: Flaw): never {
  throw new InputError("invalid_input", `"${tool}": ${sentence}`, { data: { tool, path } });
}

/** Refuse a result that breaks the tool's promise. */
export function refuseOutput(tool: string, upstream: string, { path, sentence }: Flaw): never {
  throw new IntegrityError(
    "schema_mismatch",
    `"${tool}" of ${upstream} returned something else than its output schema promises: ${sentence}`,
    { data: { tool, upstream, path } },
  );
}
