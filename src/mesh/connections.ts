/** The open connections of a node, as {@link PeerConnection}s. @module */

import type { Connection, IdentifyResult, Libp2p } from "@libp2p/interface";
import { transportOf, withoutPeer } from "./addresses.ts";
import type { DialOrder } from "./dial-order.ts";
import { parsePeer } from "./identity.ts";
import type { PeerConnection } from "./mesh-node.ts";

/** What is known of a node's connections. */
export interface Connections {
  readonly describe: (connection: Connection) => PeerConnection;
  /** Open ones, the best first. */
  readonly list: (peer?: string) => readonly Connection[];
  readonly best: (peer: string) => Connection | undefined;
  readonly setRtt: (connection: Connection, ms: number) => void;
  /** Whether the other end has said who it is and what it speaks. */
  readonly isIdentified: (connection: Connection) => boolean;
  /** How those at the other end see this node. */
  readonly observed: () => readonly string[];
}

/** Follow the connections of a node. */
export function watchConnections(libp2p: Libp2p, order: DialOrder): Connections {
  const rtts = new WeakMap<Connection, number>();
  /** By connection; the value is how the other end sees this node, where it said so. */
  const identified = new Map<string, string | undefined>();
  libp2p.addEventListener("peer:identify", ({ detail }: CustomEvent<IdentifyResult>) => {
    const { connection, observedAddr } = detail;
    if (connection.status !== "open") return;
    identified.set(connection.id, observedAddr && withoutPeer(observedAddr));
  });
  libp2p.addEventListener("connection:close", ({ detail }) => void identified.delete(detail.id));

  const list = (peer?: string): readonly Connection[] =>
    libp2p
      .getConnections(peer === undefined ? undefined : parsePeer(peer))
      .filter(({ status }) => status === "open")
      .sort(order.compareConnections);
  return {
    list,
    best: (peer) => list(peer)[0],
    setRtt: (connection, ms) => void rtts.set(connection, ms),
    observed: () => [...new Set([...identified.values()].filter((one) => one !== undefined))],
    isIdentified: ({ id }) => identified.has(id),
    describe(connection) {
      const { id, remotePeer, remoteAddr, direction, direct, streams, timeline } = connection;
      const rttMs = rtts.get(connection) ?? connection.rtt;
      return {
        id,
        peer: remotePeer.toString(),
        address: remoteAddr.toString(),
        transport: transportOf(remoteAddr),
        direction,
        isRelayed: !direct,
        streams: streams.length,
        openedAt: timeline.open,
        ...(rttMs === undefined ? {} : { rttMs }),
      };
    },
  };
}
