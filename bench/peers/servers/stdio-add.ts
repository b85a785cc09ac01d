/** The upstream of the gateway benchmark: a real MCP server over stdio, of the SDK v1. @module */

import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { addTools } from "./sdk-v1-tools.ts";

const server = new McpServer({ name: "bench-upstream", version: "1.0.0" });
addTools(server);
await server.connect(new StdioServerTransport());
