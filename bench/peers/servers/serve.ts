/** What every peer shares: arguments, the tools' names, listening on this host. @module */

import { serve as serveNode } from "@hono/node-server";

/** How many tools the peer is to register; the last one is `add`. */
export const toolCount = Number(process.argv[2] ?? 1);

/** Names of the tools beside `add`. */
export const otherNames = Array.from({ length: toolCount - 1 }, (_, index) => `tool_${index}`);

/** The result of `add`, the same for all subjects. */
export const sum = (a: number, b: number) => ({
  content: [{ type: "text" as const, text: String(a + b) }],
  structuredContent: { sum: a + b },
});

/** Tell the harness where this peer listens. */
export function ready(port: number): void {
  process.stdout.write(`${JSON.stringify({ port, pid: process.pid })}\n`);
}

/** Serve `fetch` the native way of the host, on a free port of the loopback. */
export function serve(fetch: (request: Request) => Response | Promise<Response>): void {
  const hostname = "127.0.0.1";
  if (typeof Bun !== "undefined") {
    ready(Bun.serve({ fetch, hostname, port: 0 }).port);
  } else if (typeof Deno !== "undefined") {
    Deno.serve({ hostname, port: 0, onListen: ({ port }) => ready(port) }, fetch);
  } else {
    serveNode({ fetch, hostname, port: 0 }, ({ port }) => ready(port));
  }
}
