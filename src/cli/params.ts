/** Parameters of a call from the words of a command line, read as the tool's schema wants them. @module */

import { InputError } from "../errors.ts";

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The JSON types that a schema allows; none where it does not say. */
function typesOf(schema: unknown): ReadonlySet<unknown> {
  if (!isObject(schema)) return new Set();
  const { type, anyOf, oneOf, enum: values, const: only } = schema;
  if (type !== undefined) return new Set(Array.isArray(type) ? type : [type]);
  const options = anyOf ?? oneOf;
  if (Array.isArray(options)) return new Set(options.flatMap((option) => [...typesOf(option)]));
  if (Array.isArray(values)) return new Set(values.map((value) => typeof value));
  return new Set(only === undefined ? [] : [typeof only]);
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: the text itself, which the tool's own check accepts or refuses with a reason.
    return text;
  }
}

/** One value: a text stays a text where the schema wants one; all else is JSON. */
function readValue(schema: unknown, text: string): unknown {
  const types = typesOf(schema);
  const value = fromJson(text);
  if (types.size === 0) return value;
  const type = Array.isArray(value) ? "array" : value === null ? "null" : typeof value;
  const isNumber = type === "number" && (types.has("number") || types.has("integer"));
  if (isNumber || (type !== "string" && types.has(type))) return value;
  return types.has("string") || !types.has("array") ? text : [text];
}

/** `["k=1", "list=a", "list=b"]` as the input of a tool with this schema. */
export function readParams(schema: Json, pairs: readonly string[]): Json {
  const properties = isObject(schema.properties) ? schema.properties : {};
  const texts = new Map<string, string[]>();
  for (const pair of pairs) {
    const at = pair.indexOf("=");
    if (at < 1) {
      throw new InputError(
        "invalid_input",
        `--param takes name=value, such as --param path=notes.md, and got "${pair}"`,
      );
    }
    const name = pair.slice(0, at);
    texts.set(name, [...(texts.get(name) ?? []), pair.slice(at + 1)]);
  }
  // A null prototype, because the names are a stranger's.
  const input: Record<string, unknown> = Object.create(null);
  for (const [name, given] of texts) {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    const [first = ""] = given;
    input[name] = given.length === 1 ? readValue(property, first) : readList(property, given);
  }
  return { ...input };
}

/** A parameter given more than once is a list. */
function readList(schema: unknown, texts: readonly string[]): unknown {
  const items = isObject(schema) ? schema.items : undefined;
  return texts.map((text) => readValue(items, text));
}

/** `--params '{…}'`: the whole input as JSON. */
export function readParamsJson(text: string, source: string): Json {
  const value = fromJson(text);
  if (isObject(value)) return value;
  throw new InputError(
    "invalid_input",
    `${source} takes a JSON object, such as '{"path": "notes.md"}', and got ${text.slice(0, 60) || "nothing"}`,
  );
}
