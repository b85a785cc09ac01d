/** @hono/mcp: the SDK v1 server behind Hono's own transport. @module */

import { StreamableHTTPTransport } from "@hono/mcp";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { Hono } from "hono";
import { addTools } from "./sdk-v1-tools.ts";
import { serve } from "./serve.ts";

const server = new McpServer({ name: "bench", version: "1.0.0" });
addTools(server);
const transport = new StreamableHTTPTransport({
  sessionIdGenerator: () => crypto.randomUUID(),
  enableJsonResponse: true,
});
await server.connect(transport);
const app = new Hono();
app.all("/mcp", (context) => transport.handleRequest(context));
serve(app.fetch);
