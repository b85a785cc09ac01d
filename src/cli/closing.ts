/** Closing what was opened, last first, within a time. @module */

import { DeadlineError } from "../errors.ts";

/** Something open, and how to close it. */
export interface Open {
  readonly name: string;
  close(): Promise<void>;
}

/** Bun's and Deno's listeners may never say that they ended, so closing has a time of its own. */
const CLOSE_WITHIN_MS = 5000;

/** Close everything in reverse order; throws `deadline_exceeded` and names what hung. */
export async function closeAll(
  opened: readonly Open[],
  withinMs: number = CLOSE_WITHIN_MS,
): Promise<void> {
  let current = "";
  const closing = (async () => {
    for (const { name, close } of opened.toReversed()) {
      current = name;
      await close();
    }
  })();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const message = `The ${current} did not close within ${withinMs} ms; the process ends without it`;
      reject(new DeadlineError("deadline_exceeded", message));
    }, withinMs);
  });
  try {
    await Promise.race([closing, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
