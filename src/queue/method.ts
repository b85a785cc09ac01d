/** What the methods of the extension have in common: their form, and how their params are read. @module */

import * as v from "valibot";
import { InputError } from "../errors.ts";
import type { Caller } from "../registry/caller.ts";

/** What is asked and answered: JSON. */
export type Params = Readonly<Record<string, unknown>>;

/** Answers one method. */
export type QueueMethod = (
  params: Params,
  context: { readonly caller: Caller; readonly signal: AbortSignal },
) => Promise<Params>;

/** A name or an id. */
export const text: v.GenericSchema<string> = v.pipe(v.string(), v.minLength(1), v.maxLength(256));

/** A count. */
export const whole: v.GenericSchema<number> = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** The params of a method; throws `invalid_input` with the path of what is wrong. */
export function parsed<Schema extends v.GenericSchema>(
  schema: Schema,
  params: Params,
): v.InferOutput<Schema> {
  const { _meta, ...told } = params;
  const result = v.safeParse(schema, told);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = v.getDotPath(issue) ?? "params";
  throw new InputError("invalid_input", `${path}: ${issue.message}`, { data: { path } });
}
