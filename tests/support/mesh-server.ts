/**
 * A server with a mesh and a few tools, as a program for any host: it prints one line of JSON with
 * where it is reached. All else is asked over HTTP. The argument is its configuration as JSON.
 *
 * @module
 */

import process from "node:process";
import * as v from "valibot";
import { defineTool, serve, type Tool } from "../../runtimes/lib.ts";

const readOnly = { readOnlyHint: true } as const;
let cancelled = 0;

const add: Tool = defineTool({
  name: "add",
  description: "Add two numbers",
  input: v.object({ a: v.number(), b: v.number() }),
  output: v.object({ sum: v.number() }),
  annotations: readOnly,
  run: ({ a, b }) => ({ sum: a + b }),
});

const count: Tool = defineTool({
  name: "count",
  description: "Count and tell of it",
  input: v.object({ to: v.number() }),
  annotations: readOnly,
  run({ to }, { progress }) {
    for (let at = 1; at <= to; at += 1) progress(at, to, `at ${at}`);
    return { to };
  },
});

const wait: Tool = defineTool({
  name: "wait",
  description: "Wait until the call is cancelled",
  input: v.object({}),
  annotations: readOnly,
  run: (_, { signal, progress }) =>
    new Promise((_resolve, reject) => {
      progress(0);
      signal.addEventListener("abort", () => {
        cancelled += 1;
        reject(signal.reason);
      });
    }),
});

const big: Tool = defineTool({
  name: "big",
  description: "A text of this length",
  input: v.object({ length: v.number() }),
  annotations: readOnly,
  run: ({ length }) => ({ text: "x".repeat(length) }),
});

const erase: Tool = defineTool({
  name: "erase",
  description: "Does more than read",
  input: v.object({}),
  run: () => ({ erased: true }),
});

const cancelledCalls: Tool = defineTool({
  name: "cancelled_calls",
  description: "How many calls of wait were cancelled",
  input: v.object({}),
  annotations: readOnly,
  run: () => ({ cancelled }),
});

const { mesh, ...config } = JSON.parse(process.argv[2] ?? "{}");
const { app, url } = await serve({
  tools: [add, count, wait, big, erase, cancelledCalls],
  config: { log: { audit: false, level: "error" }, listen: { port: 0 }, ...config },
  mesh: { tcpPort: "off", webRtcPort: 0, mdns: false, dht: false, ...mesh },
});
// Waits until the mesh has started.
const { structuredContent } = await app.call("p2p_peer_register", {});
console.log(JSON.stringify({ url, ...(structuredContent as object) }));
