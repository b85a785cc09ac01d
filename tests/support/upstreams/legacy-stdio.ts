/** {@link createLegacyServer} as a program. @module */

import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import {
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { createLegacyServer } from "./legacy-server.ts";

const server = createLegacyServer();
server.server.setRequestHandler(SubscribeRequestSchema, () => ({}));
server.server.setRequestHandler(UnsubscribeRequestSchema, () => ({}));
await server.connect(new StdioServerTransport());
