/** What a node is made of. @module */

import type { ServiceFactoryMap } from "libp2p";
import type { Clock } from "../concurrency/clock.ts";
import type { HostTransport, TransportName } from "../host.ts";
import type { Identity } from "./identity.ts";

/** A way to reach peers; tests have one in memory. */
export type MeshTransport = Omit<HostTransport, "name"> & {
  readonly name: TransportName | "memory";
};

/** What {@link import("./create-node.ts").createNode} needs. */
export interface NodeOptions {
  readonly identity: Identity;
  /** In the order in which a peer's addresses are dialled, where nothing else decides. */
  readonly transports: readonly MeshTransport[];
  /** Multiaddrs to tell instead of those listened on. */
  readonly announce?: readonly string[];
  /** Be reachable through relays among the peers that this node is connected to. */
  readonly reserve?: boolean;
  /** Left out, 300. */
  readonly maxConnections?: number;
  /** More libp2p services, such as `serverServices` or a DHT. */
  readonly services?: ServiceFactoryMap;
  readonly clock?: Clock;
}
