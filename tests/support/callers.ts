/** Callers with less than all rights. @module */

import type { Access, Caller } from "../../src/registry/caller.ts";

/** A caller who sees these categories and goes this far. */
export function callerOf(
  categories: "*" | readonly string[],
  access: Access = "destructive",
  id = "key:test",
): Caller {
  return {
    id,
    grant: {
      categories: categories === "*" ? "*" : new Set(categories),
      access,
      abilities: new Set(),
    },
  };
}
