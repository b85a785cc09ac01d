/** The MCP SDK v2: `McpServer` behind `createMcpHandler`, answering the 2026-07-28 revision. @module */

import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { Hono } from "hono";
import { z } from "zod";
import { otherNames, serve, sum } from "./serve.ts";

const inputSchema = z.object({ a: z.number(), b: z.number() });
const outputSchema = z.object({ sum: z.number() });

// The handler makes a server for every request: that is how the SDK is meant to be used.
const handler = createMcpHandler(
  () => {
    const server = new McpServer({ name: "bench", version: "1.0.0" });
    for (const name of [...otherNames, "add"]) {
      server.registerTool(
        name,
        { description: "Add two numbers", inputSchema, outputSchema },
        ({ a, b }) => sum(a, b),
      );
    }
    return server;
  },
  { responseMode: "json" },
);
const app = new Hono();
app.all("/mcp", (context) => handler.fetch(context.req.raw));
serve(app.fetch);
