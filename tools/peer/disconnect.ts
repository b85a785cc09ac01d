import * as v from "valibot";
import { defineTool, type Tool } from "../../src/tool.ts";

/** Disconnect from a peer. */
export const peerDisconnect: Tool = defineTool({
  name: "p2p_peer_disconnect",
  title: "Disconnect from a peer",
  description: "Close every connection to a peer",
  details:
    "Calls that run there fail. This server does not dial the peer by itself for ten minutes; a call " +
    "of one of its tools, or the peer itself, may connect again.",
  input: v.object({
    peer: v.pipe(v.string(), v.minLength(1), v.maxLength(128), v.description("Peer id")),
    reason: v.optional(v.pipe(v.string(), v.maxLength(500), v.description("For the log"))),
  }),
  output: v.object({
    peer: v.string(),
    wasConnected: v.boolean(),
  }),
  annotations: { destructiveHint: true, idempotentHint: true, openWorldHint: false },
  routing: { requiresMesh: true },
  example: { peer: "12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8" },
  async run({ peer, reason }, { peers }) {
    return { peer, ...(await peers.disconnect(peer, reason)) };
  },
});
