/** Errors that prove that a peer never saw a request. @module */

import { UnavailableError } from "../errors.ts";

/** Nothing was sent, so the call may go elsewhere. */
export function notStarted(peer: string, reason: string, cause?: unknown): UnavailableError {
  return new UnavailableError("peer_unreachable", `Peer ${peer} cannot be reached: ${reason}`, {
    data: { peer, isStarted: false },
    ...(cause !== undefined && { cause }),
  });
}

/** Nothing is sent for a while. */
export function resting(peer: string, retryAfterMs: number): UnavailableError {
  return new UnavailableError(
    "circuit_open",
    `Peer ${peer} is left alone for ${retryAfterMs} ms: its last calls all failed`,
    { data: { peer, isStarted: false, retryAfterMs } },
  );
}
