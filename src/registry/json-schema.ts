/** valibot → JSON Schema 2020-12. @module */

import { toJsonSchema } from "@valibot/to-json-schema";
import type { GenericSchema } from "valibot";

/** A JSON Schema object; MCP requires `type: "object"` at the root of an input. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * The JSON Schema of a valibot schema, as a client should see it.
 *
 * For `"input"`, optional fields with defaults are not required and unknown fields are refused,
 * because the server refuses them too.
 */
export function schemaOf(schema: GenericSchema, direction: "input" | "output"): JsonSchema {
  const { $schema: _dialect, ...json } = toJsonSchema(schema, {
    target: "draft-2020-12",
    typeMode: direction,
    errorMode: "ignore",
  });
  return direction === "input" ? { ...json, additionalProperties: false } : { ...json };
}
