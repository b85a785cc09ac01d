/** Work that nobody waits for and that ends with its owner. @module */

/** Starts work; what fails is told, and fails nothing else. */
export interface Background {
  start(what: string, work: (signal: AbortSignal) => Promise<unknown>): void;
  /** Tell all work to stop, and wait for it. */
  stop(): Promise<void>;
}

/** Nothing runs yet; `failed` hears of what goes wrong before the stop. */
export function createBackground(failed: (what: string, error: unknown) => void): Background {
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();
  return {
    start(what, work) {
      const { signal } = stopping;
      if (signal.aborted) return;
      const task = Promise.try(work, signal)
        .then(
          () => undefined,
          (error: unknown) => (signal.aborted ? undefined : failed(what, error)),
        )
        .finally(() => running.delete(task));
      running.add(task);
    },
    async stop() {
      stopping.abort(new Error("The mesh stops"));
      await Promise.all(running);
    },
  };
}
