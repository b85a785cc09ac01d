/** A peer of the directory, as others see it. @module */

import type { SignedRecord } from "../registry/peers.ts";
import type { Entry, Origin } from "./entry-log.ts";

/** A peer in the directory. */
export interface KnownPeer {
  readonly peer: string;
  /** The source that told of it first. */
  readonly source: Origin;
  /** Newest first; those of the record before others. */
  readonly addresses: readonly string[];
  readonly record: SignedRecord | undefined;
  readonly lastSeen: number;
  /** It was connected at some time. */
  readonly wasReached: boolean;
  /** Dials that failed since the last that did not. */
  readonly failures: number;
  readonly rttMs: number | undefined;
}

/** An entry as it is now. */
export function knownPeer(entry: Entry): KnownPeer {
  const { record, rttMs } = entry;
  return { ...entry, addresses: [...entry.addresses], record, rttMs };
}
