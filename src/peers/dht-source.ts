/**
 * Peers by a distributed hash table: who provides the CID of the mesh's name is a member.
 *
 * It asks whatever content routing the node has; `dht-service.ts` makes the table itself.
 *
 * @module
 */

import { CID } from "multiformats/cid";
import * as raw from "multiformats/codecs/raw";
import { sha256 } from "multiformats/hashes/sha2";
import { UnavailableError } from "../errors.ts";
import type { MeshNode } from "../mesh/mesh-node.ts";
import { addressesOf } from "./addresses.ts";
import type { DiscoverySource, PeerSighting } from "./source.ts";

/** The CID that stands for a mesh by its name. */
export async function meshCid(network: string): Promise<CID> {
  const digest = await sha256.digest(new TextEncoder().encode(`mcplusplus mesh ${network}`));
  return CID.createV1(raw.code, digest);
}

/** The table as a source. */
export function createDhtSource(
  { libp2p, peer: self, connections }: Pick<MeshNode, "libp2p" | "peer" | "connections">,
  network: string,
): DiscoverySource {
  const cid = meshCid(network);
  return {
    name: "dht",
    async find({ limit, signal }) {
      const found: PeerSighting[] = [];
      for await (const { id, multiaddrs } of libp2p.contentRouting.findProviders(await cid, {
        signal,
      })) {
        const peer = id.toString();
        if (peer !== self)
          found.push({ peer, addresses: addressesOf(peer, multiaddrs.map(String)) });
        if (found.length >= limit) break;
      }
      return found;
    },
    // The table says where this node is, not what it is: the record itself travels from peer to
    // peer. Nothing can be taken back from it; an entry ends by itself when it is not renewed.
    async publish(_, signal) {
      if (connections().length > 0) return libp2p.contentRouting.provide(await cid, { signal });
      throw new UnavailableError("peer_unreachable", "No peer is connected that could be told");
    },
  };
}
