/** Answers of a server, checked before they are shown: it may be of another version. @module */

import * as v from "valibot";
import { IntegrityError } from "../errors.ts";

/** What a tool answered, as far as commands read it; throws `schema_mismatch`. */
export function readAnswer<T>(
  tool: string,
  schema: v.GenericSchema<unknown, T>,
  answer: unknown,
): T {
  const { success, output, issues } = v.safeParse(schema, answer);
  if (success) return output;
  const { message, path = [] } = issues[0];
  const place = path.map(({ key }) => String(key)).join("/");
  throw new IntegrityError(
    "schema_mismatch",
    `${tool} answered something else than this version reads (${place}: ${message}): let both be the same version`,
  );
}
