/** The mesh's own distributed hash table, as a service of the node. @module */

import { peerRoutingSymbol } from "@libp2p/interface";
import { type KadDHT, type KadDHTComponents, kadDHT, passthroughMapper } from "@libp2p/kad-dht";

/**
 * A table that only members of this network share. Servers answer others; clients (pages, nodes
 * that nobody can dial) only ask.
 */
export function dhtService(
  network: string,
  mode: "server" | "client",
): (components: KadDHTComponents) => KadDHT {
  const create = kadDHT({
    protocol: `/mcp/${network}/kad/1.0.0`,
    clientMode: mode === "client",
    // Meshes live on local networks, too.
    peerInfoMapper: passthroughMapper,
    // The first node of a mesh has nobody to ask, and need not wait for somebody.
    allowQueryWithZeroPeers: true,
  });
  return (components) => {
    const dht = create(components);
    // libp2p looks for relays by walking the table at random, without a pause: in a small network
    // each walk ends at once, so the search would take all of the processor for ever.
    Object.defineProperty(dht, peerRoutingSymbol, { value: undefined });
    return dht;
  };
}
