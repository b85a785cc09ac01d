import * as v from "valibot";
import { defineTool, type Tool } from "../../src/tool.ts";
import { connectionSchema } from "./schemas.ts";

/** List open connections. */
export const peerListConnected: Tool = defineTool({
  name: "p2p_peer_list_connected",
  title: "List open connections",
  description: "List the open connections to peers: transport, direction, streams, bytes, age",
  input: v.object({}),
  output: v.object({ connections: v.array(connectionSchema) }),
  annotations: { readOnlyHint: true, openWorldHint: false },
  routing: { requiresMesh: true },
  example: {},
  run: async (_, { peers }) => ({ connections: [...(await peers.connections())] }),
});
