/**
 * In pages, for `src/upstream/schema-check.ts`: whoever has a tool checks its input and its result,
 * and a JSON Schema validator is 8 KiB of the bundle (gzip).
 *
 * @module
 */

import type { Check, Flaw } from "../../../src/upstream/schema-check.ts";

/** A check that finds nothing. */
export const compileCheck = (): Check => (): Flaw | undefined => undefined;

const never = (_tool: string, { sentence }: Flaw): never => {
  throw new TypeError(sentence);
};

export { never as refuseInput, never as refuseOutput };
