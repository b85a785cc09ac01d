/** What one peer may use of another. @module */

/** The limits that every peer meets; published in `p2p_peer_metrics` and `docs/mesh.md`. */
export interface PeerLimits {
  /** Open streams. */
  readonly streamsPerPeer: number;
  /** Requests that run at once. */
  readonly requestsPerPeer: number;
  /** Bytes of requests per second; 0 sets no limit. */
  readonly bytesPerSecond: number;
  /** New requests per second in the long run; 0 sets no limit. */
  readonly requestsPerSecond: number;
  /** New requests at once after a rest. */
  readonly requestBurst: number;
  readonly maxFrameBytes: number;
  /** Time without a request after which a stream is closed. */
  readonly idleMs: number;
  /** Time for an answer; progress begins it again. */
  readonly requestMs: number;
}

/** What a peer may use where the configuration says nothing else. */
export const defaultPeerLimits: PeerLimits = {
  streamsPerPeer: 32,
  requestsPerPeer: 64,
  bytesPerSecond: 16 * 1024 * 1024,
  requestsPerSecond: 50,
  requestBurst: 100,
  maxFrameBytes: 16 * 1024 * 1024,
  idleMs: 60_000,
  requestMs: 30_000,
};
