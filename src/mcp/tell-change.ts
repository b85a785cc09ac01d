/** Changes as the notifications that a client gets of them. @module */

import type { Server } from "@modelcontextprotocol/server";
import type { Change } from "./changes.ts";

/** Send the notification of a change; of resources only those that the client `listens` to. */
export async function tellChange(
  server: Server,
  change: Change,
  listens: (uri: string) => boolean,
): Promise<void> {
  switch (change.kind) {
    case "tools_list_changed":
      return server.sendToolListChanged();
    case "prompts_list_changed":
      return server.sendPromptListChanged();
    case "resources_list_changed":
      return server.sendResourceListChanged();
    case "resource_updated":
      if (listens(change.uri)) await server.sendResourceUpdated({ uri: change.uri });
  }
}
