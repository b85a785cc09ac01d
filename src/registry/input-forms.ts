/** Forms of inputs that tools of several categories share. @module */

import * as v from "valibot";

/** A whole number within bounds. */
export function whole(min: number, max: number, description: string): v.GenericSchema<number> {
  return v.pipe(
    v.number(),
    v.integer(),
    v.minValue(min),
    v.maxValue(max),
    v.description(description),
  );
}

/** A text that is not empty. */
export function words(max: number, description: string): v.GenericSchema<string> {
  return v.pipe(v.string(), v.minLength(1), v.maxLength(max), v.description(description));
}

/** Names and values for lists; `=` would end a name there. */
export const labelsSchema: v.GenericSchema<Record<string, string>> = v.pipe(
  v.record(
    v.pipe(v.string(), v.minLength(1), v.maxLength(64), v.regex(/^[^=]+$/)),
    v.pipe(v.string(), v.maxLength(256)),
  ),
  v.maxEntries(32),
);
