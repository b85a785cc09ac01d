/** What this server declares to a client. @module */

import type { View } from "./engine.ts";
import type { Extension } from "./extension.ts";

/**
 * MCP `ServerCapabilities`: mounted servers come and go, so every list may change, except that of
 * the meta view, which is four tools whatever there is behind them.
 */
export function capabilitiesOf(
  extensions: readonly Extension[],
  view: View,
): Readonly<Record<string, unknown>> {
  return {
    tools: { listChanged: view !== "meta" },
    resources: { subscribe: true, listChanged: true },
    prompts: { listChanged: true },
    completions: {},
    logging: {},
    ...(extensions.length > 0 && {
      extensions: Object.fromEntries(extensions.map(({ id, settings }) => [id, settings])),
    }),
  };
}
