import * as v from "valibot";
import { defineTool, type PeerInfo, type Tool, type ToolContext } from "../../src/tool.ts";
import { abilitiesSchema, atPeer, placeEntries, whole } from "./schemas.ts";
import { number } from "./task-schemas.ts";

const NAME = "p2p_taskqueue_discover_peers";
/** What peers say that serve a queue, or work the tasks of one. */
const ROLES = ["queue", "worker"] as const;
const MAX_FOUND = 256;
/** Peers that are asked whether they have a queue, where none says so. */
const MAX_ASKED = 32;

const foundSchema = v.object({
  peer: v.string(),
  name: v.exactOptional(v.string()),
  host: v.exactOptional(v.string()),
  addresses: v.array(v.string()),
  abilities: v.array(v.string()),
  isConnected: v.boolean(),
  load: v.exactOptional(number("Calls of ours that run there now")),
  rttMs: v.exactOptional(v.number()),
  source: v.pipe(v.string(), v.description("What told of the peer first")),
  foundBy: v.pipe(
    v.picklist(["ability", "answer"]),
    v.description("It says so in its record, or answered p2p_taskqueue_status"),
  ),
});

type Found = v.InferOutput<typeof foundSchema>;

function found(peer: PeerInfo, foundBy: Found["foundBy"]): Found {
  const { name, host, load, rttMs, isConnected, source } = peer;
  return {
    peer: peer.peer,
    ...(name !== undefined && { name }),
    ...(host !== undefined && { host }),
    ...{ addresses: [...peer.addresses], abilities: [...peer.abilities], isConnected, source },
    ...(load !== undefined && { load }),
    ...(rttMs !== undefined && { rttMs }),
    foundBy,
  };
}

const saysSo = ({ abilities }: PeerInfo): boolean => ROLES.some((role) => abilities.includes(role));

/** Servers name their categories among their abilities; of one without a record nothing is known. */
const mayHaveQueue = ({ isConnected, abilities }: PeerInfo): boolean =>
  isConnected && (abilities.length === 0 || abilities.includes("p2p_taskqueue"));

/** Near and idle ones first. */
const order = (a: PeerInfo, b: PeerInfo): number =>
  Number(b.isConnected) - Number(a.isConnected) ||
  (a.load ?? 0) - (b.load ?? 0) ||
  (a.rttMs ?? Infinity) - (b.rttMs ?? Infinity) ||
  a.ageMs - b.ageMs;

/** Those that answer for their queue. One that does not, or refuses, is no peer to send tasks to. */
async function thatAnswer(
  peers: readonly PeerInfo[],
  queue: string,
  context: Pick<ToolContext, "tasks" | "caller" | "signal">,
): Promise<readonly PeerInfo[]> {
  const { tasks } = context;
  const asked = peers.map(async (peer) => {
    const { isError } = await tasks.forward(peer.peer, "p2p_taskqueue_status", { queue }, context);
    return isError === true ? [] : [peer];
  });
  const answers = await Promise.allSettled(asked);
  return answers.flatMap((one) => (one.status === "fulfilled" ? one.value : []));
}

/** Find peers that have a queue, or work one. */
export const taskqueueDiscoverPeers: Tool = defineTool({
  name: NAME,
  title: "Find queues and workers",
  description: "Find peers that serve a task queue or work tasks, near and idle ones first",
  details:
    "Looks in every source of peers for records with the ability queue or worker. Where there is " +
    "none, up to 32 connected peers with this category are asked for their queue. Needs the mesh.",
  input: v.object({
    ...placeEntries,
    requires: v.pipe(v.optional(abilitiesSchema), v.description("Only peers that can all of this")),
    limit: v.optional(whole(1, 256, "How many at the most"), 10),
    timeoutMs: v.optional(whole(1, 60_000, "Time to look, and again to ask, in ms"), 3_000),
  }),
  output: v.object({ peers: v.array(foundSchema) }),
  annotations: { readOnlyHint: true, openWorldHint: true },
  routing: { runtime: "local", timeoutMs: 150_000 },
  example: { requires: ["gpu"], limit: 5 },
  async run(input, context) {
    const forwarded = atPeer(NAME, input, context);
    if (forwarded) return forwarded;
    const { peers, signal, tasks, caller } = context;
    const { queue, requires = [], limit, timeoutMs } = input;
    await peers.discover({ limit: MAX_FOUND, timeoutMs, signal });
    const able = peers
      .known()
      .filter(({ abilities }) => requires.every((ability) => abilities.includes(ability)))
      .sort(order);
    const told = able.filter(saysSo);
    if (told.length > 0) {
      return { peers: told.slice(0, limit).map((peer) => found(peer, "ability")) };
    }
    const ours = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const connected = able.filter(mayHaveQueue).slice(0, MAX_ASKED);
    const answering = await thatAnswer(connected, queue, { tasks, caller, signal: ours });
    signal.throwIfAborted();
    return { peers: answering.slice(0, limit).map((peer) => found(peer, "answer")) };
  },
});
