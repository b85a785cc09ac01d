/** Moments and pages as people write them. @module */

import { InputError } from "../errors.ts";

/** Milliseconds of an ISO 8601 moment; throws `invalid_input` that names the parameter. */
export function momentOf(parameter: string, text: string): number {
  const at = Date.parse(text);
  if (!Number.isNaN(at)) return at;
  throw new InputError(
    "invalid_input",
    `"${text}" is no moment such as 2026-12-24T18:00:00Z: give ${parameter} in ISO 8601`,
    { data: { [parameter]: text } },
  );
}

/** The number before which a page of tasks begins; throws `invalid_input`. */
export function beforeOf(cursor: string): number {
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor);
  throw new InputError(
    "invalid_input",
    `"${cursor}" is no cursor of a list of tasks: give nextCursor of the page before, unchanged`,
    { data: { cursor } },
  );
}
