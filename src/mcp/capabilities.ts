/** What this server declares to a client. @module */

import type { Extension } from "./engine.ts";

/** MCP `ServerCapabilities`: mounted servers come and go, so every list may change. */
export function capabilitiesOf(
  extensions: readonly Extension[],
): Readonly<Record<string, unknown>> {
  return {
    tools: { listChanged: true },
    resources: { subscribe: true, listChanged: true },
    prompts: { listChanged: true },
    completions: {},
    logging: {},
    ...(extensions.length > 0 && {
      extensions: Object.fromEntries(extensions.map(({ id, settings }) => [id, settings])),
    }),
  };
}
