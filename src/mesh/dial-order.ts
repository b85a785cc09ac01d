/** Which of a peer's addresses, and which of its connections, comes first. @module */

import type { Address, AddressSorter, Connection } from "@libp2p/interface";
import {
  circuitRelayAddressesLast,
  loopbackAddressLast,
  publicAddressesFirst,
} from "@libp2p/utils";
import type { Multiaddr } from "@multiformats/multiaddr";
import { transportOf } from "./addresses.ts";
import type { MeshTransport } from "./node-options.ts";

/** Compares addresses and connections by a host's transports. */
export interface DialOrder {
  readonly compareAddresses: AddressSorter;
  readonly compareConnections: (a: Connection, b: Connection) => number;
}

/** libp2p's own order, but for the transports: there the host's decides. */
export function createDialOrder(transports: readonly MeshTransport[]): DialOrder {
  const ranks = new Map<string, number>(transports.map(({ name }, rank) => [name, rank]));
  const rankOf = (address: Multiaddr): number =>
    ranks.get(transportOf(address)) ?? transports.length;
  return {
    compareAddresses: ({ multiaddr: a }: Address, { multiaddr: b }: Address) =>
      loopbackAddressLast(a, b) ||
      publicAddressesFirst(a, b) ||
      circuitRelayAddressesLast(a, b) ||
      order(rankOf(a), rankOf(b)),
    compareConnections: (a, b) =>
      order(Number(b.direct), Number(a.direct)) ||
      order(rankOf(a.remoteAddr), rankOf(b.remoteAddr)),
  };
}

const order = (a: number, b: number): -1 | 0 | 1 => (a < b ? -1 : a > b ? 1 : 0);
