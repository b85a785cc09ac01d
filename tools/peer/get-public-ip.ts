import * as v from "valibot";
import { defineTool, type Tool } from "../../src/tool.ts";

/** Find out the public address. */
export const peerGetPublicIp: Tool = defineTool({
  name: "p2p_peer_get_public_ip",
  title: "Get the public address",
  description: "Find the address by which the internet sees this machine",
  details:
    "Several services are asked at once, together with what connected peers observe; at least two " +
    "and more than half must agree. The answer is kept for an hour.",
  input: v.object({
    refresh: v.optional(v.pipe(v.boolean(), v.description("Ask again now")), false),
  }),
  output: v.object({
    address: v.string(),
    family: v.picklist(["IPv4", "IPv6"]),
    agreed: v.pipe(v.number(), v.description("How many said so")),
    asked: v.pipe(v.number(), v.description("How many named an address of this family")),
    sources: v.array(
      v.object({
        source: v.string(),
        address: v.exactOptional(v.string()),
        error: v.exactOptional(v.string()),
      }),
    ),
  }),
  annotations: { readOnlyHint: true, openWorldHint: true },
  routing: { requiresMesh: true },
  example: {},
  async run({ refresh }, { peers, signal }) {
    const { sources, ...found } = await peers.publicIp({ refresh, signal });
    return { ...found, sources: [...sources] };
  },
});
