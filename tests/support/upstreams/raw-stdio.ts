/**
 * A server without an SDK, for what no SDK lets a server do. The first argument says what.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import process from "node:process";
import { createInterface } from "node:readline";

type Message = { id?: number | string; method: string; params?: Record<string, unknown> };

const [mode = "", file = ""] = process.argv.slice(2);
const send = (message: object): void => {
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
};

const hidden = "\u{200B}\u{E0041}\u{202E}";
const inputSchema = { type: "object" };

function toolsOf(): unknown[] {
  switch (mode) {
    case "hostile":
      return [
        { name: "plain", description: `Fine${hidden} text`, inputSchema },
        { name: `sneaky${hidden}`, description: "Hidden name", inputSchema },
        { name: "long", description: "x".repeat(50_000), inputSchema },
        { name: 42, description: "No name at all" },
        { name: "remote_ref", inputSchema: { type: "object", $ref: "http://169.254.169.254/x" } },
        {
          name: "redos",
          inputSchema: {
            type: "object",
            properties: { s: { type: "string", pattern: "^(a+)+$" } },
          },
        },
        null,
      ];
    case "changing":
      return JSON.parse(readFileSync(file, "utf8"));
    default:
      return [{ name: "plain", description: "Fine", inputSchema }];
  }
}

function resultOf({ method, params }: Message): object | undefined {
  switch (method) {
    case "initialize":
      return {
        protocolVersion: "2025-06-18",
        capabilities: { tools: {} },
        serverInfo: { name: `raw-${mode}`, version: "1" },
      };
    case "tools/list":
      return { tools: toolsOf() };
    case "tools/call":
      return mode === "lying"
        ? { content: "not a list" }
        : {
            content: [{ type: "text", text: `${hidden}ran ${String(params?.name)}` }],
            _meta: { "io.modelcontextprotocol/x": 1, kept: true },
          };
    default:
      return undefined;
  }
}

function receive(message: Message): void {
  if (mode === "silent") return;
  if (mode === "needs-initialize" && message.method === "server/discover") process.exit(1);
  if (mode === "crash-loop" && message.method === "tools/list") process.exit(7);
  if (mode === "noisy") process.stdout.write("Listening on nothing at all\n\n{broken\n");
  if (message.id === undefined) return;
  const result = resultOf(message);
  const error = { code: -32601, message: `no ${message.method}` };
  send({ id: message.id, ...(result ? { result } : { error }) });
}

if (mode === "bad-start") {
  console.error("GITHUB_TOKEN is not set");
  process.exit(1);
}
// A program that ignores the end of its input and the polite signal.
if (mode === "stubborn") {
  process.on("SIGTERM", () => {});
  setInterval(() => {}, 1000);
}
createInterface({ input: process.stdin }).on("line", (line) => receive(JSON.parse(line)));
