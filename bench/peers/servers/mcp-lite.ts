/** mcp-lite on Hono, as its README shows, without sessions. @module */

import { Hono } from "hono";
import { McpServer, StreamableHttpTransport } from "mcp-lite";
import { z } from "zod";
import { otherNames, serve, sum } from "./serve.ts";

const server = new McpServer({
  name: "bench",
  version: "1.0.0",
  schemaAdapter: (schema) => z.toJSONSchema(schema as z.ZodType),
});
const inputSchema = z.object({ a: z.number(), b: z.number() });
const outputSchema = z.object({ sum: z.number() });
for (const name of [...otherNames, "add"]) {
  server.tool(name, {
    description: "Add two numbers",
    inputSchema,
    outputSchema,
    handler: ({ a, b }) => sum(a, b),
  });
}
const handle = new StreamableHttpTransport().bind(server);
const app = new Hono();
app.all("/mcp", (context) => handle(context.req.raw));
serve(app.fetch);
