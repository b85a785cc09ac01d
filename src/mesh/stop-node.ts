/** The end of a node, which comes in time whatever its transports do. @module */

import type { Libp2p } from "@libp2p/interface";
import type { Clock } from "../concurrency/clock.ts";
import { GOODBYE_MS, hangUp } from "./hang-up.ts";
import { STOP_MS } from "./protocol.ts";

/** What is left for the listeners, so that the caller has its answer by {@link STOP_MS}. */
const LISTENERS_MS: number = STOP_MS - GOODBYE_MS - 500;

/** Close connections, then listeners and services. */
export async function stopNode(libp2p: Libp2p, clock: Clock): Promise<void> {
  await hangUp(libp2p, libp2p.getPeers(), clock);
  // A listener that never stops (js-libp2p's WebSockets on Bun 1.4) must not hold the process.
  const { promise: tooLate, resolve } = Promise.withResolvers<void>();
  const disarm = clock.after(LISTENERS_MS, resolve);
  try {
    await Promise.race([libp2p.stop(), tooLate]);
  } finally {
    disarm();
  }
}
