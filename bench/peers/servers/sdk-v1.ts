/** The MCP SDK v1: `McpServer` and its web-standard transport, one pair for every session. @module */

import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import { Hono } from "hono";
import { addTools } from "./sdk-v1-tools.ts";
import { serve } from "./serve.ts";

const sessions = new Map<string, WebStandardStreamableHTTPServerTransport>();

async function openSession(): Promise<WebStandardStreamableHTTPServerTransport> {
  const transport = new WebStandardStreamableHTTPServerTransport({
    sessionIdGenerator: () => crypto.randomUUID(),
    enableJsonResponse: true,
    onsessioninitialized: (id) => {
      sessions.set(id, transport);
    },
  });
  const server = new McpServer({ name: "bench", version: "1.0.0" });
  addTools(server);
  await server.connect(transport);
  return transport;
}

const app = new Hono();
app.all("/mcp", async (context) => {
  const known = sessions.get(context.req.header("mcp-session-id") ?? "");
  return (known ?? (await openSession())).handleRequest(context.req.raw);
});
serve(app.fetch);
