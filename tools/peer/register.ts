import * as v from "valibot";
import { defineTool, type Tool } from "../../src/tool.ts";
import {
  abilitiesSchema,
  addressesSchema,
  recordSchema,
  SOURCES,
  sourcesSchema,
  whole,
} from "./schemas.ts";

/** Tell the mesh of this server. */
export const peerRegister: Tool = defineTool({
  name: "p2p_peer_register",
  title: "Register this peer",
  description: "Sign a new record of this server and publish it",
  details:
    "Connected peers get it at once, registries as far as they take it: published tells of each. " +
    "What is given stays part of later records, which follow by themselves at half of the lifetime.",
  input: v.object({
    abilities: v.pipe(
      v.optional(abilitiesSchema),
      v.description("What this server can do, e.g. gpu; left out, as before"),
    ),
    addresses: v.pipe(
      v.optional(addressesSchema),
      v.description("Multiaddrs to name instead of its own"),
    ),
    ttlMs: v.optional(whole(60_000, 86_400_000, "How long the record is valid, in ms"), 1_800_000),
    registries: v.optional(sourcesSchema("Only these; left out, all that are configured")),
  }),
  output: v.object({
    record: recordSchema,
    published: v.array(
      v.object({
        registry: v.picklist(SOURCES),
        ok: v.boolean(),
        error: v.exactOptional(v.string()),
      }),
    ),
  }),
  annotations: { destructiveHint: false, idempotentHint: true, openWorldHint: true },
  routing: { requiresMesh: true },
  example: { abilities: ["gpu"], ttlMs: 1_800_000 },
  async run(input, { peers, signal }) {
    const { record, published } = await peers.register({ ...input, signal });
    return { record, published: [...published] };
  },
});
