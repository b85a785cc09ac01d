/** A place where peers are found; `tests/contract/peer-source.ts` is the suite for every one. @module */

import type { PeerSource, SignedRecord } from "../registry/peers.ts";

/** Somebody that a source told of. */
export interface PeerSighting {
  /** Missing where an address does not say whose it is. */
  readonly peer?: string;
  readonly addresses: readonly string[];
  /** What the peer says of itself; not yet judged. */
  readonly record?: unknown;
  /** When the source last heard of it, in ms since 1970; left out, now. */
  readonly lastSeen?: number;
}

/** How much is asked for, and until when. */
export interface FindOptions {
  readonly limit: number;
  readonly signal: AbortSignal;
}

/** A place where peers are found. */
export interface DiscoverySource {
  readonly name: PeerSource;
  /** Begin to listen, where the source does so between questions. */
  open?(): Promise<void>;
  close?(): Promise<void>;
  /** Peers that the source knows now; throws where it cannot be asked. */
  find(options: FindOptions): Promise<readonly PeerSighting[]>;
  /** Tell others of this node by its record. */
  publish?(record: SignedRecord, signal: AbortSignal): Promise<void>;
  /** Take back what was published. */
  withdraw?(signal: AbortSignal): Promise<void>;
  /** Remove what is out of date and nobody else's to keep; gives what was removed. */
  cleanup?(options: {
    readonly isDryRun: boolean;
    readonly signal: AbortSignal;
  }): Promise<readonly string[]>;
}
