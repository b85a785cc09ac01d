/** fastmcp over HTTP streaming, with sessions and JSON answers. @module */

import { createServer } from "node:net";
import { FastMCP } from "fastmcp";
import { z } from "zod";
import { otherNames, ready, sum } from "./serve.ts";

const server = new FastMCP({ name: "bench", version: "1.0.0" });
for (const name of [...otherNames, "add"]) {
  server.addTool({
    name,
    description: "Add two numbers",
    parameters: z.object({ a: z.number(), b: z.number() }),
    execute: async ({ a, b }) => sum(a, b),
  });
}

// fastmcp does not tell which port it took, so one is found beforehand.
const probe = createServer().listen(0, "127.0.0.1");
await new Promise((resolve) => probe.once("listening", resolve));
const { port } = probe.address();
await new Promise((resolve) => probe.close(resolve));
await server.start({
  transportType: "httpStream",
  httpStream: { port, host: "127.0.0.1", enableJsonResponse: true },
});
ready(port);
