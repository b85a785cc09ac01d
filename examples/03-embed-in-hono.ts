// A server inside a Hono app, beside its own routes. Build the package first: npm run build
//   node examples/03-embed-in-hono.ts   (or: bun run, deno run -A)
// MCP at http://127.0.0.1:3000/mcp; in a Worker, "export default web" replaces the last lines.

import process from "node:process";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { createApp, defineTool } from "mcplusplus";
import * as v from "valibot";

const orders = new Map([["A-1", { status: "shipped" }]]);

const orderStatus = defineTool({
  name: "order_status",
  description: "Say where an order is",
  input: v.object({ id: v.string() }),
  annotations: { readOnlyHint: true },
  run: ({ id }) => orders.get(id) ?? { status: "unknown" },
});

const tools = await createApp({ tools: [orderStatus], category: "shop" });

const web = new Hono();
web.get("/", (context) => context.text("A shop with tools at /mcp"));
web.get("/orders/:id", async (context) => {
  const { structuredContent } = await tools.call("order_status", { id: context.req.param("id") });
  return context.json(structuredContent as object);
});
web.all("/mcp", (context) => tools.fetch(context.req.raw));

const port = Number(process.env.PORT ?? 3000);
serve({ fetch: web.fetch, port }, (server) => console.log(`http://127.0.0.1:${server.port}`));
