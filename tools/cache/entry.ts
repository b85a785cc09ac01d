/** Schemas that the cache's tools share. @module */

import * as v from "valibot";

/** A key; long enough for a path or an address. */
export const keySchema: v.GenericSchema<string> = v.pipe(
  v.string(),
  v.minLength(1),
  v.maxLength(1024),
  v.description("Key of the entry"),
);

/** An entry without its value. */
export const entrySchema: v.GenericSchema<{
  key: string;
  sizeBytes: number;
  storedAt: string;
  expiresAt?: string | undefined;
}> = v.object({
  key: v.string(),
  sizeBytes: v.number(),
  storedAt: v.string(),
  expiresAt: v.optional(v.string()),
});
