/** Time as a value: what needs it takes a {@link Clock}, so that tests own it. @module */

/** Reads the time, waits, and wakes. */
export interface Clock {
  /** Milliseconds since 1970, UTC: for what is shown or stored. */
  now(): number;
  /** Milliseconds that only grow: for measuring how long something took. */
  monotonic(): number;
  /** Call `run` once after `ms`; returns the function that disarms it. */
  after(ms: number, run: () => void): () => void;
  /** Resolves after `ms`; rejects with the signal's reason when that fires first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** `sleep` on top of a clock's `after`. */
export function sleepWith(after: Clock["after"], ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const disarm = after(ms, () => {
      signal?.removeEventListener("abort", stop);
      resolve();
    });
    const stop = (): void => {
      disarm();
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", stop, { once: true });
  });
}

function after(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}

/** The host's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after,
  sleep: (ms, signal) => sleepWith(after, ms, signal),
};
