/** The host of isolates and pages: no files, no processes, no sockets of its own. @module */

import type { EmbeddingHost } from "../src/mod.ts";

/** A web host whose settings come from these variables. */
export function createWebHost(environment: Readonly<Record<string, string>>): EmbeddingHost {
  return {
    name: "edge",
    workingFolder: "/",
    environment: () => environment,
    terminal: {
      isDirect: true,
      async printError(text) {
        // biome-ignore lint/suspicious/noConsole: an isolate's log is its console
        console.error(text.trimEnd());
      },
    },
  };
}

export const host: EmbeddingHost = createWebHost({});
