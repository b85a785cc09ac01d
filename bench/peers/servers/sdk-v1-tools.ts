/** The tools for the peers that build on the SDK v1. @module */

import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { z } from "zod";
import { otherNames, sum } from "./serve.ts";

/** Register `add` and the others. */
export function addTools(server: McpServer): void {
  const inputSchema = { a: z.number(), b: z.number() };
  const outputSchema = { sum: z.number() };
  for (const name of [...otherNames, "add"]) {
    server.registerTool(
      name,
      { description: "Add two numbers", inputSchema, outputSchema },
      ({ a, b }) => sum(a, b),
    );
  }
}
