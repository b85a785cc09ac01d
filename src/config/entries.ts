/** Forms of values that many settings share. @module */

import * as v from "valibot";

/** A name. */
export const name: v.GenericSchema<string> = v.pipe(
  v.string(),
  v.minLength(1, "must not be empty"),
);

/** Names, in order. */
export const names: v.GenericSchema<string[]> = v.array(name);

/** A whole number from `min` to `max`. */
export function whole(min: number, max: number = Number.MAX_SAFE_INTEGER): v.GenericSchema<number> {
  return v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max));
}
