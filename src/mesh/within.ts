/** Opening things within a time, with errors of ours. @module */

import type { Clock } from "../concurrency/clock.ts";
import { DeadlineError } from "../errors.ts";
import type { OpenOptions } from "./mesh-node.ts";

const DEFAULT_OPEN_MS = 10_000;

/**
 * Run `work` with a signal that fires when the time is over or the caller gives up.
 *
 * `what` begins the sentence of the error: "Connecting to 12D3KooW…".
 */
export async function within<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { clock, options = {}, what }: { clock: Clock; options: OpenOptions | undefined; what: string },
): Promise<T> {
  const { signal: given, timeoutMs = DEFAULT_OPEN_MS } = options;
  given?.throwIfAborted();
  const expiry = new AbortController();
  const disarm = clock.after(timeoutMs, () => {
    const message = `${what} took longer than ${timeoutMs} ms and was given up`;
    expiry.abort(new DeadlineError("deadline_exceeded", message, { data: { timeoutMs } }));
  });
  const signal = given ? AbortSignal.any([given, expiry.signal]) : expiry.signal;
  try {
    return await work(signal);
  } catch (error) {
    // Whatever the library made of it, the signal's own reason says more.
    signal.throwIfAborted();
    throw error;
  } finally {
    disarm();
  }
}
