/** Lines collected for a moment and written together: a write per call costs more than the call. @module */

import type { Clock } from "../concurrency/clock.ts";

/** Where lines wait to be written. */
export interface LineBuffer {
  /** Takes one line with its line end; never throws. */
  add(line: string): void;
  /** Write what waits; resolves when it was taken. */
  flush(): Promise<void>;
}

/** How long a line waits at most: what a crash may lose of the log. */
const WAIT_MS = 10;
/** As much as a pipe takes at once. */
const MAX_WAITING = 65_536;

/** A buffer in front of `write`, whose failures are nobody's: a log must not fail what it tells of. */
export function createLineBuffer(
  write: (text: string) => Promise<void>,
  clock: Pick<Clock, "after">,
): LineBuffer {
  let waiting = "";
  let disarm: (() => void) | undefined;
  const flush = async (): Promise<void> => {
    disarm?.();
    disarm = undefined;
    const text = waiting;
    waiting = "";
    if (text !== "") await write(text).catch(() => undefined);
  };
  return {
    add(line) {
      waiting += line;
      if (waiting.length >= MAX_WAITING) void flush();
      else disarm ??= clock.after(WAIT_MS, () => void flush());
    },
    flush,
  };
}

/** No buffer: for hosts whose timers end with the request, where a line that waits is lost. */
export function createDirectLines(write: (text: string) => Promise<void>): LineBuffer {
  return {
    add: (line) => void write(line).catch(() => undefined),
    flush: () => Promise.resolve(),
  };
}
