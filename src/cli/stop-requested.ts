/** Waiting for the end of the process. @module */

import type { Host } from "../host.ts";

/** Resolves when the process is asked to end. */
export function stopRequested({
  stopRequested: signal,
}: Pick<Host, "stopRequested">): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
