/** What a server does for peers that cannot be reached directly; pages have no part in it. @module */

import { autoNAT } from "@libp2p/autonat";
import { circuitRelayServer } from "@libp2p/circuit-relay-v2";
import { dcutr } from "@libp2p/dcutr";
import type { ServiceFactoryMap } from "libp2p";

/** How much a server relays. */
export interface ServerServicesOptions {
  /** Relay for other peers. */
  readonly relay: boolean;
  /** Peers that may be reached through this relay at once. */
  readonly maxReservations: number;
}

/**
 * Of one relayed connection, the limits of go-libp2p's relays: enough to agree on a direct
 * connection and for some calls meanwhile, too little to live on.
 */
const RELAYED_BYTES: bigint = 128n * 1024n;
const RELAYED_MS = 120_000;

/** Services for `NodeOptions.services`: finding out how this host is reached, punching, relaying. */
export function serverServices(options: ServerServicesOptions): ServiceFactoryMap {
  const { relay, maxReservations } = options;
  const reservations = {
    maxReservations,
    defaultDataLimit: RELAYED_BYTES,
    defaultDurationLimit: RELAYED_MS,
  };
  return {
    autoNAT: autoNAT(),
    dcutr: dcutr(),
    ...(relay && maxReservations > 0 ? { relay: circuitRelayServer({ reservations }) } : {}),
  };
}
