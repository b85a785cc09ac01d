/** A connection as others see it; no libp2p in its types, because pages publish it. @module */

import type { TransportName } from "../host.ts";

/** An open connection to a peer. */
export interface PeerConnection {
  /** Unique in this process. */
  readonly id: string;
  /** The peer's id as text, e.g. `12D3KooW…`. */
  readonly peer: string;
  /** The other side's multiaddr. */
  readonly address: string;
  readonly transport: TransportName | "relay" | "memory" | "other";
  readonly direction: "inbound" | "outbound";
  /** Over somebody else's circuit relay. */
  readonly isRelayed: boolean;
  readonly streams: number;
  /** When it was opened, in ms since 1970. */
  readonly openedAt: number;
  /** Round trip of the last ping, in ms; missing before the first. */
  readonly rttMs?: number;
}
