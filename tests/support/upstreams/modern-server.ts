/** A server of the 2026-07-28 revision: the v2 SDK. @module */

import { setTimeout as delay } from "node:timers/promises";
import { inputRequired, McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";

type Text = { content: { type: "text"; text: string }[] };

const text = (value: string): Text => ({ content: [{ type: "text", text: value }] });

let cancelled = 0;

/** What servers of one address have in common: over HTTP, each request has a server of its own. */
export interface Shared {
  hasGrown: boolean;
}

/** A server with the tools of which both eras have their own way. */
export function createModernServer(shared: Shared = { hasGrown: false }): McpServer {
  const server = new McpServer(
    { name: "modern-test", version: "2.0.0", title: "Modern test" },
    { capabilities: { tools: { listChanged: true } } },
  );
  server.registerTool(
    "add",
    {
      description: "Add two numbers",
      inputSchema: z.object({ a: z.number(), b: z.number() }),
      outputSchema: z.object({ sum: z.number() }),
    },
    ({ a, b }) => ({ ...text(String(a + b)), structuredContent: { sum: a + b } }),
  );
  server.registerTool("greet", { description: "Ask for a name, then greet" }, (context) => {
    const { inputResponses, requestState } = context.mcpReq;
    const answer = inputResponses?.name as { content?: { name?: string } } | undefined;
    if (answer) return text(`Hello ${answer.content?.name}, ${requestState<string>()}`);
    return inputRequired({
      inputRequests: {
        name: inputRequired.elicit({
          message: "Your name?",
          requestedSchema: { type: "object", properties: { name: { type: "string" } } },
        }),
      },
      requestState: "kept for you",
    });
  });
  server.registerTool(
    "regional",
    {
      description: "Wants its region as a header too",
      inputSchema: z.object({ region: z.string().meta({ "x-mcp-header": "Region" }) }),
    },
    ({ region }) => text(region),
  );
  server.registerTool("wait", { description: "Wait until cancelled" }, async ({ mcpReq }) => {
    try {
      await delay(60_000, undefined, { signal: mcpReq.signal });
    } catch {
      cancelled += 1;
    }
    return text("waited");
  });
  server.registerTool("cancelled", { description: "How many waits were cancelled" }, () =>
    text(String(cancelled)),
  );
  const grow = (): void => {
    server.registerTool("grown", { description: "New" }, () => text("grown"));
  };
  if (shared.hasGrown) grow();
  server.registerTool("grow", { description: "Have one more tool" }, () => {
    shared.hasGrown = true;
    grow();
    return text("done");
  });
  return server;
}
