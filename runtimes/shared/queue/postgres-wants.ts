/** What a transaction wants to read before its work can run to its end. @module */

import type { ReadHints } from "../../../src/queue/queue-store.ts";

/** Rows to read; limits by the name of what they are of. */
export interface Wants {
  readonly ids: ReadonlySet<string>;
  readonly keys: ReadonlySet<string>;
  readonly groups: ReadonlySet<string>;
  readonly lanes: ReadonlyMap<string, number>;
  readonly held: ReadonlyMap<string, number>;
  readonly due?: { readonly until: number; readonly limit: number };
}

/** One read, or several that belong together. */
export type Want = {
  readonly [Kind in keyof Wants]?: Wants[Kind] extends ReadonlySet<string>
    ? readonly string[]
    : Wants[Kind];
};

/** A read of what is not known; no error of anybody, and so not of our families. */
export class Missing extends Error {
  override readonly name = "Missing";
  readonly want: Want;

  constructor(want: Want) {
    super("The work reads what has not been fetched");
    this.want = want;
  }
}

/** What one read wants. */
export function wantsOf({ ids, keys, groups, lanes, held, due }: Want): Wants {
  return {
    ...{ ids: new Set(ids), keys: new Set(keys), groups: new Set(groups) },
    ...{ lanes: new Map(lanes), held: new Map(held) },
    ...(due && { due }),
  };
}

/** What the hints name, and what was found to be missing before. */
export function wantsOfHints({ ids, keys, groups, lanes }: ReadHints, missing: Want = {}): Wants {
  return wantsOf({
    ...missing,
    ids: [...ids, ...(missing.ids ?? [])],
    keys: [...keys, ...(missing.keys ?? [])],
    groups: [...groups, ...(missing.groups ?? [])],
    lanes: new Map([
      ...(missing.lanes ?? []),
      ...lanes.map(({ name, limit }) => [name, limit] as const),
    ]),
  });
}
