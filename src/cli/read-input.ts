/** All of standard input, as text. @module */

import type { Host } from "../host.ts";

/** Read standard input to its end. */
export function readInput({ terminal }: Pick<Host, "terminal">): Promise<string> {
  return new Response(terminal.input).text();
}
