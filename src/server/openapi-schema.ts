/**
 * A JSON Schema inside an OpenAPI document.
 *
 * `{"$ref": "#/$defs/row"}` means the schema's own root; inside a document it would mean the
 * document's. A schema with such references becomes a component, and they lead there.
 *
 * @module
 */

import type { JsonSchema } from "../registry/json-schema.ts";

/** A schema to put in place, and the components it needs. */
export interface PlacedSchema {
  readonly schema: JsonSchema;
  readonly components: Readonly<Record<string, JsonSchema>>;
}

/** Keywords whose values are maps from names to schemas: a name in them is no keyword. */
const MAPS: ReadonlySet<string> = new Set([
  "properties",
  "patternProperties",
  "$defs",
  "definitions",
  "dependentSchemas",
]);

/** Keywords whose values are data, whatever it looks like. */
const DATA: ReadonlySet<string> = new Set(["const", "enum", "default", "examples", "example"]);

/** `schema` as it can stand in a document; `name` is unique in it. */
export function componentSchema(schema: JsonSchema, name: string): PlacedSchema {
  const root = `#/components/schemas/${name}`;
  let isUsed = false;

  const place = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(place);
    if (typeof value !== "object" || value === null) return value;
    return mapEntries(value, (key, inner) => {
      if (key === "$ref" && typeof inner === "string" && /^#(?:\/|$)/.test(inner)) {
        isUsed = true;
        return root + inner.slice(1);
      }
      if (DATA.has(key)) return inner;
      return MAPS.has(key) ? placeMap(inner) : place(inner);
    });
  };
  const placeMap = (value: unknown): unknown =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? mapEntries(value, (_, inner) => place(inner))
      : value;

  const placed = place(schema) as JsonSchema;
  return isUsed
    ? { schema: { $ref: root }, components: { [name]: placed } }
    : { schema: placed, components: {} };
}

function mapEntries(
  value: object,
  change: (key: string, inner: unknown) => unknown,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, change(key, inner)]));
}
