import * as v from "valibot";
import { defineTool, InputError, type PeerInfo, type Tool } from "../../src/tool.ts";
import { peerInfoSchema, whole } from "./schemas.ts";

/** Small is first; whoever has no such number is last. */
const KEYS: Readonly<Record<"lastSeen" | "rtt" | "load", (peer: PeerInfo) => number>> = {
  lastSeen: ({ isConnected, lastSeen }) => (isConnected ? -Infinity : -Date.parse(lastSeen)),
  rtt: ({ rttMs }) => rttMs ?? Infinity,
  load: ({ load }) => load ?? Infinity,
};

/** A place in the order: the number, and the id that tells equal ones apart. */
interface Place {
  readonly key: number;
  readonly peer: string;
}

const isAfter = (a: Place, b: Place): boolean =>
  a.key > b.key || (a.key === b.key && a.peer > b.peer);

function placeOf(cursor: string): Place {
  const [, key, peer] = /^(-?(?:[\d.e+-]+|Infinity)):(\w+)$/.exec(cursor) ?? [];
  if (key !== undefined && peer !== undefined) return { key: Number(key), peer };
  throw new InputError(
    "invalid_input",
    `"${cursor}" is no cursor of p2p_peer_list: give nextCursor of the page before, unchanged`,
  );
}

/** List known peers. */
export const peerList: Tool = defineTool({
  name: "p2p_peer_list",
  title: "List known peers",
  description: "List the peers that this server knows, connected or not",
  input: v.object({
    connected: v.optional(
      v.pipe(v.boolean(), v.description("Only connected ones, or only others")),
    ),
    ability: v.optional(
      v.pipe(v.string(), v.minLength(1), v.maxLength(128), v.description("Only peers that say so")),
    ),
    sortBy: v.optional(
      v.pipe(
        v.picklist(["lastSeen", "rtt", "load"]),
        v.description("Latest seen, nearest or least busy first"),
      ),
      "lastSeen",
    ),
    limit: v.optional(whole(1, 1000, "How many at the most"), 50),
    cursor: v.optional(v.pipe(v.string(), v.description("nextCursor of the page before"))),
  }),
  output: v.object({ peers: v.array(peerInfoSchema), nextCursor: v.exactOptional(v.string()) }),
  annotations: { readOnlyHint: true, openWorldHint: false },
  routing: { requiresMesh: true },
  example: { connected: true, sortBy: "rtt", limit: 20 },
  run({ connected, ability, sortBy, limit, cursor }, { peers }) {
    const place = (peer: PeerInfo): Place => ({ key: KEYS[sortBy](peer), peer: peer.peer });
    const after = cursor === undefined ? undefined : placeOf(cursor);
    const wanted = peers
      .known()
      .filter((peer) => connected === undefined || peer.isConnected === connected)
      .filter((peer) => ability === undefined || peer.abilities.includes(ability))
      .filter((peer) => !after || isAfter(place(peer), after))
      .sort((a, b) => (isAfter(place(a), place(b)) ? 1 : -1));
    const page = wanted.slice(0, limit);
    const last = page.at(-1);
    if (wanted.length <= limit || !last) return { peers: page };
    return { peers: page, nextCursor: `${KEYS[sortBy](last)}:${last.peer}` };
  },
});
