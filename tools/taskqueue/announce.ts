import * as v from "valibot";
import { defineTool, type Tool } from "../../src/tool.ts";
import { abilitiesSchema, atPeer, placeEntries, whole } from "./schemas.ts";

const NAME = "p2p_taskqueue_announce";
const SLOTS = /^slots:\d+$/;

/** The abilities of a server whose queue is open and whose workers have so many slots. */
function withQueue(known: readonly string[], wanted: readonly string[], slots?: number): string[] {
  const isStale = (ability: string): boolean =>
    slots !== undefined && (ability === "worker" || SLOTS.test(ability));
  const roles = slots === undefined || slots === 0 ? [] : ["worker", `slots:${slots}`];
  const kept = known.filter((ability) => !isStale(ability));
  return [...new Set([...kept, ...wanted, "queue", ...roles])];
}

/** Tell the mesh that this server has a queue. */
export const taskqueueAnnounce: Tool = defineTool({
  name: NAME,
  title: "Announce the queue",
  description: "Tell the mesh that this server has a queue, and what its workers can do",
  details:
    "Publishes a new signed record of this server with the abilities that it had, those given, " +
    "queue, and with slots worker and slots:n; slots 0 takes these two back. p2p_peer_register " +
    "sets abilities anew. Needs the mesh; without it runtime_unavailable says why.",
  input: v.object({
    ...placeEntries,
    abilities: v.pipe(
      v.optional(abilitiesSchema),
      v.description("What its workers can do, e.g. gpu"),
    ),
    slots: v.optional(whole(0, 10_000, "Tasks that its workers run at once")),
    ttlMs: v.optional(whole(60_000, 86_400_000, "How long the record is valid, in ms"), 1_800_000),
  }),
  output: v.object({
    record: v.object({
      peer: v.string(),
      addresses: v.array(v.string()),
      abilities: v.array(v.string()),
      interfaces: v.array(v.string()),
      name: v.exactOptional(v.string()),
      host: v.exactOptional(v.string()),
      sequence: v.number(),
      expiresAt: v.string(),
      signature: v.string(),
    }),
    published: v.array(
      v.object({
        registry: v.string(),
        ok: v.boolean(),
        error: v.exactOptional(v.string()),
      }),
    ),
  }),
  annotations: { destructiveHint: false, idempotentHint: true, openWorldHint: true },
  routing: { runtime: "local" },
  example: { abilities: ["gpu"], slots: 4 },
  async run(input, context) {
    const forwarded = atPeer(NAME, input, context);
    if (forwarded) return forwarded;
    const { peers, signal } = context;
    const { abilities = [], slots, ttlMs } = input;
    // The record of the moment, renewed but shown to no registry, says what is to be kept.
    const { record: known } = await peers.register({ ttlMs, registries: [], signal });
    const merged = withQueue(known.abilities, abilities, slots);
    const { record, published } = await peers.register({ abilities: merged, ttlMs, signal });
    const lists = {
      addresses: [...record.addresses],
      abilities: [...record.abilities],
      interfaces: [...record.interfaces],
    };
    return { record: { ...record, ...lists }, published: [...published] };
  },
});
