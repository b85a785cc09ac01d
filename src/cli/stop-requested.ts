/** Waiting for the end of the process. @module */

import { DeadlineError } from "../errors.ts";
import type { Host } from "../host.ts";

/** Resolves when the process is asked to end. */
export function stopRequested(host: Pick<Host, "stopRequested">): Promise<void> {
  const signal = host.stopRequested;
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** What `work` resolves to, or `cancelled` once the process is asked to end. */
export async function unlessStopped<T>(
  host: Pick<Host, "stopRequested">,
  work: Promise<T>,
): Promise<T> {
  const stopped = stopRequested(host).then((): never => {
    throw new Error("stopped");
  });
  try {
    return await Promise.race([work, stopped]);
  } catch (cause) {
    // Work that listens to the signal itself may fail of it first, in words of its own.
    if (!host.stopRequested.aborted) throw cause;
    throw new DeadlineError("cancelled", "The command was stopped before it was done", { cause });
  }
}
