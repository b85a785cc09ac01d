/**
 * The schemas that most tools need, for pages that have no bundler to bring valibot: `v.object({…})`
 * is valibot's. Whoever has valibot uses its own, all of it.
 *
 * @module
 */

import type * as valibot from "valibot";
import {
  array,
  boolean,
  description,
  integer,
  literal,
  maxLength,
  maxValue,
  minLength,
  minValue,
  nullable,
  number,
  object,
  optional,
  picklist,
  pipe,
  record,
  regex,
  string,
  union,
  unknown,
} from "valibot";

type Names =
  | "array"
  | "boolean"
  | "description"
  | "integer"
  | "literal"
  | "maxLength"
  | "maxValue"
  | "minLength"
  | "minValue"
  | "nullable"
  | "number"
  | "object"
  | "optional"
  | "picklist"
  | "pipe"
  | "record"
  | "regex"
  | "string"
  | "union"
  | "unknown";

/** Part of valibot. */
export const v: Pick<typeof valibot, Names> = {
  ...{ array, boolean, description, integer, literal, maxLength, maxValue, minLength },
  ...{ minValue, nullable, number, object, optional, picklist, pipe, record, regex },
  ...{ string, union, unknown },
};
