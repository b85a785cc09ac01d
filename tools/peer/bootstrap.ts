import * as v from "valibot";
import { defineTool, type Tool } from "../../src/tool.ts";
import { addressesSchema, whole } from "./schemas.ts";

/** Connect to the mesh. */
export const peerBootstrap: Tool = defineTool({
  name: "p2p_peer_bootstrap",
  title: "Connect to the mesh",
  description: "Connect to peers until there are enough connections",
  details:
    "With addresses, all of them are dialled, up to maxConnections; without, configured and " +
    "discovered peers until minConnections are there. Never are more than maxConnections open.",
  input: v.object({
    addresses: v.pipe(
      v.optional(addressesSchema),
      v.description("Multiaddrs or ids of known peers; left out, all that is configured or found"),
    ),
    minConnections: v.optional(whole(0, 100, "Connections that make it ready"), 1),
    maxConnections: v.optional(whole(1, 1000, "Connections that are never exceeded"), 10),
    timeoutMs: v.optional(whole(1, 120_000, "Time for all of it, in ms"), 10_000),
  }),
  output: v.object({
    connected: v.array(v.object({ peer: v.string(), address: v.string() })),
    failed: v.array(v.object({ address: v.string(), reason: v.string() })),
    ready: v.pipe(v.boolean(), v.description("Whether minConnections are open")),
  }),
  annotations: { destructiveHint: false, idempotentHint: true, openWorldHint: true },
  routing: { requiresMesh: true },
  example: { addresses: ["/dns4/tools.example/tcp/8000/ws"], minConnections: 1 },
  async run(input, { peers, signal }) {
    const { connected, failed, isReady } = await peers.bootstrap({ ...input, signal });
    return { connected: [...connected], failed: [...failed], ready: isReady };
  },
});
