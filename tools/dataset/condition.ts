/** The form of a condition on rows: data, never code. @module */

import * as v from "valibot";

const OPERATORS = [
  "eq",
  "ne",
  "lt",
  "le",
  "gt",
  "ge",
  "in",
  "contains",
  "startsWith",
  "endsWith",
  "matches",
  "isNull",
] as const;

/** What a condition compares by. */
export type Operator = (typeof OPERATORS)[number];

/** A test of one column, or several conditions joined. */
export type Condition =
  | { readonly column: string; readonly op: Operator; readonly value?: unknown }
  | { readonly and: Condition[] }
  | { readonly or: Condition[] }
  | { readonly not: Condition };

export const conditionSchema: v.GenericSchema<Condition> = v.lazy(() =>
  v.union([
    v.strictObject({
      column: v.string(),
      op: v.picklist(OPERATORS),
      value: v.optional(v.unknown()),
    }),
    v.strictObject({ and: v.array(conditionSchema) }),
    v.strictObject({ or: v.array(conditionSchema) }),
    v.strictObject({ not: conditionSchema }),
  ]),
);
