// Calls tools of a running server (npm start), once with an MCP client and once with plain fetch:
//   node examples/01-call-a-tool.ts                              (or: bun run, deno run -A)
//   node examples/01-call-a-tool.ts http://127.0.0.1:9000        a server elsewhere

import process from "node:process";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";

const server = process.argv[2] ?? "http://127.0.0.1:8000";

// What an agent does: find a tool by what it should do, then dispatch it.
const client = new Client({ name: "example", version: "1.0.0" });
await client.connect(new StreamableHTTPClientTransport(new URL("/mcp", server)));
const found = await client.callTool({
  name: "list_tools",
  arguments: { query: "store a value for later", limit: 3 },
});
console.log("found", JSON.stringify(found.structuredContent));
const stored = await client.callTool({
  name: "dispatch",
  arguments: { tool: "cache_set", params: { key: "greeting", value: "hello" } },
});
console.log("stored", JSON.stringify(stored.structuredContent));
await client.close();

// The same tools for programs that speak no MCP.
const answer = await fetch(new URL("/tools/cache_get", server), {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ key: "greeting" }),
});
console.log("read", JSON.stringify((await answer.json()).structuredContent));
