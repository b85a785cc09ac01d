/** The mesh's own distributed hash table, as a service of the node. @module */

import { type KadDHT, type KadDHTComponents, kadDHT, passthroughMapper } from "@libp2p/kad-dht";

/**
 * A table that only members of this network share. Servers answer others; clients (pages, nodes
 * that nobody can dial) only ask.
 */
export function dhtService(
  network: string,
  mode: "server" | "client",
): (components: KadDHTComponents) => KadDHT {
  return kadDHT({
    protocol: `/mcp/${network}/kad/1.0.0`,
    clientMode: mode === "client",
    // Meshes live on local networks, too.
    peerInfoMapper: passthroughMapper,
    // The first node of a mesh has nobody to ask, and need not wait for somebody.
    allowQueryWithZeroPeers: true,
  });
}
