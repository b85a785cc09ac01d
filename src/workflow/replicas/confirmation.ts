/** Those who ask for something wait for a majority to have it, but not for ever. @module */

import type { Clock } from "../../concurrency/clock.ts";
import { UnavailableError } from "../../errors.ts";

/** Shorter than MCP clients wait for an answer. */
const CONFIRM_MS = 20_000;

/** The answer about a run; throws where a majority is away for too long. */
export async function confirmedInTime<T>(
  clock: Clock,
  about: string,
  answer: Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const late = clock.sleep(CONFIRM_MS, over.signal).then(() => {
    throw unconfirmed(about);
  });
  // Whichever is second is heard by nobody.
  late.catch(() => undefined);
  try {
    return await Promise.race([answer, late]);
  } finally {
    over.abort();
  }
}

function unconfirmed(about: string): UnavailableError {
  const seconds = CONFIRM_MS / 1_000;
  const message = `${about}: this server has it, and no majority of those who take part in the workflow took it within ${seconds} s. It counts when enough of them are back, unless they went on without this server by then; p2p_workflow_status tells`;
  return new UnavailableError("peer_unreachable", message);
}
