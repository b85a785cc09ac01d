import * as v from "valibot";
import { defineTool, type Tool } from "../../src/tool.ts";
import { connectionSchema, peerSchema, whole } from "./schemas.ts";

/** Connect to a peer. */
export const peerConnect: Tool = defineTool({
  name: "p2p_peer_connect",
  title: "Connect to a peer",
  description: "Connect to a peer by its id or an address, and show the connection",
  details: "An open connection is used again. Where it fails, the error names each address tried.",
  input: v.object({
    peer: peerSchema,
    timeoutMs: v.optional(whole(1, 120_000, "Time to connect, in ms"), 10_000),
  }),
  output: connectionSchema,
  annotations: { destructiveHint: false, idempotentHint: true, openWorldHint: true },
  routing: { requiresMesh: true },
  example: { peer: "/ip4/192.0.2.7/tcp/4001" },
  run: (input, { peers, signal }) => peers.connect({ ...input, signal }),
});
