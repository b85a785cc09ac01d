/** A caller in a header, for a process that speaks for its callers to another one of the same user. @module */

import { type Caller, restoreCaller, type StoredCaller, storeCaller } from "./caller.ts";

/** Heeded from those alone who hold the server's local token. */
export const CALLER_HEADER = "mcplusplus-caller";

/** ASCII, as headers demand. */
export function formatCaller(caller: Caller): string {
  return encodeURIComponent(JSON.stringify(storeCaller(caller)));
}

/** The inverse of {@link formatCaller}; for what a trusted process wrote. */
export function parseCaller(header: string): Caller {
  return restoreCaller(JSON.parse(decodeURIComponent(header)) as StoredCaller);
}
