/**
 * This process as a member of the mesh: who it is, whom it is connected to, streams to and from
 * others. Knows nothing of MCP, which `carriage.ts` and what stands on it add.
 *
 * `create-node.ts` makes one of libp2p. Errors are ours: `peer_unreachable`, `invalid_input` for an
 * address that is none, `deadline_exceeded`.
 *
 * @module
 */

import type { Libp2p, Stream } from "@libp2p/interface";
import type { PeerConnection } from "./peer-connection.ts";

export type { PeerConnection } from "./peer-connection.ts";

/** A peer came into reach, or went out of it with its last connection. */
export interface PeerEvent {
  readonly type: "connected" | "disconnected";
  readonly peer: string;
}

/** How a connection or stream is opened. */
export interface OpenOptions {
  readonly signal?: AbortSignal;
  /** Left out, 10,000. */
  readonly timeoutMs?: number;
}

/** A member of the mesh. */
export interface MeshNode {
  /** This node's own id. */
  readonly peer: string;
  /** Own addresses with `/p2p/<id>`: those to announce where they were given, else every one. */
  addresses(): readonly string[];
  /** Addresses at which connected peers see this node, without `/p2p`. */
  observedAddresses(): readonly string[];
  /** Open connections, or those to one peer. */
  connections(peer?: string): readonly PeerConnection[];
  /** The protocols that a connected peer said it speaks (identify). */
  protocolsOf(peer: string): Promise<readonly string[]>;
  /** Connect to a peer's id (its addresses are known) or to a multiaddr; gives the best connection. */
  connect(target: string, options?: OpenOptions): Promise<PeerConnection>;
  /** Close every connection to a peer; false where there was none. */
  disconnect(peer: string): Promise<boolean>;
  /** Round trip in ms. */
  ping(peer: string, options?: OpenOptions): Promise<number>;
  /** Remember addresses of a peer for later dials. */
  learn(peer: string, addresses: readonly string[]): Promise<void>;
  /** Forget a peer's addresses. */
  forget(peer: string): Promise<void>;
  /** Open a stream; connects first where need be. */
  openStream(peer: string, protocol: string, options?: OpenOptions): Promise<Stream>;
  /** Serve streams of a protocol; returns the function that stops it. */
  handle(
    protocol: string,
    serve: (stream: Stream, peer: string) => void,
    options?: { readonly maxInboundStreams?: number },
  ): Promise<() => Promise<void>>;
  onPeer(listener: (event: PeerEvent) => void): () => void;
  /** Call `listener` when this node may have other addresses than before; returns the stop function. */
  onAddresses(listener: () => void): () => void;
  /** The libp2p node itself, for what needs content routing; nothing else may use it. */
  readonly libp2p: Libp2p;
  /** Close everything; ends within 5 s whatever the transports do. */
  stop(): Promise<void>;
}
