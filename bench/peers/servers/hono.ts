/** The limit: a Hono route that reads JSON and answers JSON of the same size, checking nothing. @module */

import { Hono } from "hono";
import { serve, sum } from "./serve.ts";

const app = new Hono();
app.post("/mcp", async (context) => {
  const { id, params } = await context.req.json();
  const { a, b } = params.arguments;
  return context.json({ jsonrpc: "2.0", id, result: { resultType: "complete", ...sum(a, b) } });
});
serve(app.fetch);
