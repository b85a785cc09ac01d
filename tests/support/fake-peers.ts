/** The mesh of a server as its tools see it, from lists. @module */

import type { PeerInfo, Peers } from "../../src/registry/peers.ts";

/** A peer id as Ed25519 keys give them. */
export const PEER = "12D3KooWPqT5iZRzLq9Xqs1LZ7HpRgqqLgq5Nq1L4sQFGvFDvx7f";
export const OTHER_PEER = "12D3KooWRaB8iZRzLq9Xqs1LZ7HpRgqqLgq5Nq1L4sQFGvFDv2bd";

/** What a fake mesh starts with; what is left out is refused. */
export interface FakePeersOptions extends Partial<Peers> {
  readonly addresses?: readonly string[];
  readonly peers?: readonly PeerInfo[];
}

/** A known peer, with some of it changed. */
export function peerInfo(changes: Partial<PeerInfo> = {}): PeerInfo {
  return {
    peer: OTHER_PEER,
    addresses: [`/ip4/192.168.1.8/tcp/4001/p2p/${OTHER_PEER}`],
    abilities: [],
    source: "peers",
    isConnected: false,
    lastSeen: "2026-11-20T00:00:00.000Z",
    ageMs: 0,
    ...changes,
  };
}

/** A mesh of lists. */
export function createFakePeers(options: FakePeersOptions = {}): Peers {
  const { addresses = [], peers = [], ...own } = options;
  const refuse = (): never => {
    throw new Error("The fake mesh has no such operation");
  };
  return {
    self: () => ({ peer: PEER, did: "did:key:z6MkFake", name: "studio", addresses }),
    known: () => peers,
    register: refuse,
    discover: async () => ({ peers: [], sources: [] }),
    bootstrap: async () => ({ connected: [], failed: [], isReady: false }),
    cleanup: refuse,
    publicIp: refuse,
    connect: refuse,
    disconnect: refuse,
    connections: refuse,
    metrics: refuse,
    ping: refuse,
    readBootstrap: refuse,
    ...own,
  };
}
