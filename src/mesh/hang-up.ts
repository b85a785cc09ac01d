/** Closing connections with a goodbye, but not waiting for ever for the answer. @module */

import type { Libp2p, PeerId } from "@libp2p/interface";
import type { Clock } from "../concurrency/clock.ts";

/** Peers that answer the goodbye do so within this time; the others are cut off. */
export const GOODBYE_MS = 500;

/** Close every connection to these peers. */
export async function hangUp(
  libp2p: Libp2p,
  peers: readonly PeerId[],
  clock: Clock,
): Promise<void> {
  const patience = new AbortController();
  const disarm = clock.after(GOODBYE_MS, () => patience.abort(new Error("the goodbye took long")));
  try {
    // With a signal that fires, libp2p aborts the connection instead of failing.
    await Promise.all(peers.map((peer) => libp2p.hangUp(peer, { signal: patience.signal })));
  } finally {
    disarm();
  }
}
