/** A server as most are in the field: the v1 SDK, which speaks revisions up to 2025-11-25. @module */

import { spawn } from "node:child_process";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { McpServer, ResourceTemplate } from "@modelcontextprotocol/sdk/server/mcp.js";
import { z } from "zod";

type Text = { content: { type: "text"; text: string }[] };

const text = (value: string): Text => ({ content: [{ type: "text", text: value }] });

/** How many calls of `wait` were cancelled by their client. */
let cancelled = 0;

/** A server with a tool for everything that a gateway must carry. */
export function createLegacyServer(): McpServer {
  const server = new McpServer(
    { name: "legacy-test", version: "1.0.0" },
    { capabilities: { resources: { subscribe: true } }, instructions: "Tools for tests." },
  );
  addPlainTools(server);
  addSlowTools(server);
  addAskingTools(server);
  addOffer(server);
  return server;
}

function addPlainTools(server: McpServer): void {
  server.registerTool(
    "add",
    {
      description: "Add two numbers. Both must be finite.",
      inputSchema: { a: z.number(), b: z.number() },
      outputSchema: { sum: z.number() },
      annotations: { readOnlyHint: true },
    },
    ({ a, b }) => ({ ...text(String(a + b)), structuredContent: { sum: a + b } }),
  );
  server.registerTool("environment", { description: "Names of variables" }, () =>
    text(Object.keys(process.env).sort().join(" ")),
  );
  server.registerTool(
    "repeat",
    { description: "A long text", inputSchema: { text: z.string(), times: z.number() } },
    (input) => text(input.text.repeat(input.times)),
  );
  server.registerTool("pid", { description: "Own process" }, () => text(String(process.pid)));
  server.registerTool("crash", { description: "End without an answer" }, () => {
    console.error("fatal: token=abcdef123456 is wrong");
    process.exit(3);
  });
  server.registerTool("grandchild", { description: "Start a program that stays" }, () => {
    const child = spawn("sleep", ["600"], { stdio: "ignore" });
    return text(String(child.pid));
  });
  server.registerTool("grow", { description: "Have one more tool" }, () => {
    server.registerTool("grown", { description: "New" }, () => text("grown"));
    return text("done");
  });
}

function addSlowTools(server: McpServer): void {
  server.registerTool(
    "count",
    { description: "Count with progress", inputSchema: { to: z.number() } },
    async ({ to }, { sendNotification, _meta }) => {
      for (let progress = 1; progress <= to; progress += 1) {
        const progressToken = _meta?.progressToken;
        if (progressToken === undefined) continue;
        const params = { progressToken, progress, total: to, message: `step ${progress}` };
        await sendNotification({ method: "notifications/progress", params });
      }
      return text("counted");
    },
  );
  server.registerTool("wait", { description: "Wait until cancelled" }, async ({ signal }) => {
    try {
      await delay(60_000, undefined, { signal });
    } catch {
      cancelled += 1;
    }
    return text("waited");
  });
  server.registerTool("cancelled", { description: "How many waits were cancelled" }, () =>
    text(String(cancelled)),
  );
}

function addAskingTools(server: McpServer): void {
  const requestedSchema = {
    type: "object" as const,
    properties: { name: { type: "string" as const } },
    required: ["name"],
  };
  server.registerTool("greet", { description: "Ask for a name, then greet" }, async () => {
    const answer = await server.server.elicitInput({ message: "Your name?", requestedSchema });
    return text(answer.action === "accept" ? `Hello ${answer.content?.name}` : answer.action);
  });
  server.registerTool("greet_twice", { description: "Ask two times" }, async () => {
    const first = await server.server.elicitInput({ message: "First?", requestedSchema });
    const second = await server.server.elicitInput({ message: "Second?", requestedSchema });
    return text(`${first.content?.name} ${second.content?.name}`);
  });
  server.registerTool("roots", { description: "Folders of the client" }, async () => {
    const { roots } = await server.server.listRoots();
    return text(roots.map(({ uri }) => uri).join(" "));
  });
}

function addOffer(server: McpServer): void {
  server.registerResource("note", "note://one", { description: "A note" }, ({ href }) => ({
    contents: [{ uri: href, text: "first note" }],
  }));
  const template = new ResourceTemplate("note://by-id/{id}", { list: undefined });
  server.registerResource("notes", template, {}, ({ href }, { id }) => ({
    contents: [{ uri: href, text: `note ${String(id)}` }],
  }));
  server.registerPrompt(
    "review",
    { description: "Review a text", argsSchema: { what: z.string() } },
    ({ what }) => ({
      messages: [{ role: "user", content: { type: "text", text: `Review ${what}` } }],
    }),
  );
  server.registerTool("touch", { description: "Say that the note changed" }, async () => {
    await server.server.sendResourceUpdated({ uri: "note://one" });
    return text("touched");
  });
}
