/**
 * The best of several peers for a call: one that is connected, near, not busy and did not fail of
 * late; among equals always the same one for the same tool, so that what it keeps warm is used.
 *
 * @module
 */

/** What is known of a peer that could run a call. */
export interface Candidate {
  readonly peer: string;
  readonly isConnected: boolean;
  /** Its breaker is open: calls would be refused at once. */
  readonly isResting: boolean;
  readonly rttMs: number | undefined;
  /** Calls of ours that it has not answered. */
  readonly inFlight: number;
  /** Part of its last calls that failed, 0 to 1. */
  readonly failureRatio: number;
}

/** A round trip that nobody measured is taken for this long. */
const UNKNOWN_RTT_MS = 100;
/** So many calls in flight count as much as a round trip twice as long. */
const BUSY_CALLS = 16;
/** A peer that fails every call counts as one 2⁸ times as far away. */
const FAILURE_WEIGHT = 8;
const RESTING_WEIGHT = 64;
const UNCONNECTED_WEIGHT = 16;

/** Peers in the order in which they should be tried for `tool`. */
export function rankPeers(tool: string, candidates: readonly Candidate[]): readonly Candidate[] {
  return candidates
    .map((candidate) => ({
      candidate,
      cost: costOf(candidate),
      weight: weightOf(`${candidate.peer} ${tool}`),
    }))
    .sort((a, b) => a.cost - b.cost || b.weight - a.weight)
    .map(({ candidate }) => candidate);
}

/** Whole numbers, a doubled round trip being one more: small differences make no difference. */
function costOf({ isConnected, isResting, rttMs, inFlight, failureRatio }: Candidate): number {
  const distance = Math.round(Math.log2(1 + (rttMs ?? UNKNOWN_RTT_MS)));
  return (
    distance +
    Math.floor(inFlight / BUSY_CALLS) +
    Math.round(failureRatio * FAILURE_WEIGHT) +
    (isResting ? RESTING_WEIGHT : 0) +
    (isConnected ? 0 : UNCONNECTED_WEIGHT)
  );
}

/** Rendezvous hashing (Thaler and Ravishankar, 1996) over FNV-1a: no peer's coming moves others. */
function weightOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < key.length; at += 1) {
    hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193) >>> 0;
  }
  // The last characters alone would decide the high bits otherwise.
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b) >>> 0;
  return (hash ^ (hash >>> 13)) >>> 0;
}
