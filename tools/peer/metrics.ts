import * as v from "valibot";
import { defineTool, type PeerMetrics, type Tool } from "../../src/tool.ts";
import { whole } from "./schemas.ts";

const metricsSchema: v.GenericSchema<PeerMetrics> = v.object({
  peer: v.string(),
  windowMs: v.number(),
  calls: v.number(),
  errors: v.number(),
  served: v.pipe(v.number(), v.description("Requests of the peer that were answered here")),
  refused: v.pipe(v.number(), v.description("Requests of the peer that were over a limit")),
  p50Ms: v.number(),
  p99Ms: v.number(),
  bytesIn: v.number(),
  bytesOut: v.number(),
  reuseRatio: v.pipe(v.number(), v.description("Part of the calls that found a warm stream")),
  dials: v.number(),
  dialFailures: v.number(),
  breaker: v.picklist(["closed", "open", "half-open"]),
});

/** Show how calls between this server and peers went. */
export const peerMetrics: Tool = defineTool({
  name: "p2p_peer_metrics",
  title: "Show peer metrics",
  description: "Show calls, errors, times and bytes between this server and its peers",
  details:
    "calls, errors, p50Ms and p99Ms are of the window, of at most the last 2048 calls of a peer; " +
    "the rest is since the peer is known. limits are what every peer may use here.",
  input: v.object({
    peer: v.optional(
      v.pipe(v.string(), v.minLength(1), v.maxLength(128), v.description("Only this one")),
    ),
    windowMs: v.optional(whole(1000, 86_400_000, "How far to look back, in ms"), 300_000),
  }),
  output: v.object({
    peers: v.array(metricsSchema),
    limits: v.object({
      streamsPerPeer: v.number(),
      requestsPerPeer: v.number(),
      bytesPerSecond: v.number(),
      requestsPerSecond: v.number(),
      requestBurst: v.number(),
      maxFrameBytes: v.number(),
      idleMs: v.number(),
      requestMs: v.number(),
    }),
  }),
  annotations: { readOnlyHint: true, openWorldHint: false },
  routing: { requiresMesh: true },
  example: { windowMs: 60_000 },
  run(input, context) {
    const { peers, limits } = context.peers.metrics(input);
    return { peers: [...peers], limits };
  },
});
