/** Those who wait for a queue: workers for tasks, readers for news. @module */

import type { Clock } from "../concurrency/clock.ts";
import { isFinal, type Task } from "./task.ts";

/** Fires once, unless it is forgotten before. */
export interface Heard {
  readonly fired: Promise<void>;
  forget(): void;
}

/** Wakes whoever waits; in the order in which they came. */
export class Watchers {
  readonly #workers = new Set<() => void>();
  readonly #readers = new Map<string, Set<() => void>>();
  readonly #listeners = new Set<(task: Task) => void>();
  readonly #longestMs: number;

  /** Who waits is let go after `longestMs`, to look again: for queues that others change, too. */
  constructor(longestMs: number) {
    this.#longestMs = longestMs;
  }

  /** The next moment at which there may be work. */
  nextWork(): Heard {
    return heardIn(this.#workers);
  }

  /** The next change of a task. */
  nextOf(id: string): Heard {
    const readers = this.#readers.get(id) ?? new Set();
    this.#readers.set(id, readers);
    const heard = heardIn(readers);
    return {
      fired: heard.fired,
      forget: () => {
        heard.forget();
        if (readers.size === 0 && this.#readers.get(id) === readers) this.#readers.delete(id);
      },
    };
  }

  onChange(listener: (task: Task) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  wakeWorkers(): void {
    wake(this.#workers);
  }

  changed(tasks: readonly Task[]): void {
    for (const task of tasks) {
      const readers = this.#readers.get(task.spec.id);
      this.#readers.delete(task.spec.id);
      if (readers) wake(readers);
      for (const listener of this.#listeners) listener(task);
    }
  }

  /** Anything may have happened. */
  wakeAll(): void {
    this.wakeWorkers();
    for (const readers of this.#readers.values()) wake(readers);
    this.#readers.clear();
  }

  /** The task once it is over, or as it is after `waitMs`; `read` looks it up. */
  async settled(
    id: string,
    read: () => Promise<Task | undefined>,
    {
      clock,
      waitMs,
      signal,
    }: {
      readonly clock: Clock;
      readonly waitMs: number;
      readonly signal?: AbortSignal | undefined;
    },
  ): Promise<Task | undefined> {
    const until = clock.monotonic() + waitMs;
    for (;;) {
      const heard = this.nextOf(id);
      const task = await read();
      const leftMs = until - clock.monotonic();
      if (!task || isFinal(task) || leftMs <= 0) {
        heard.forget();
        return task;
      }
      await this.orAfter(clock, heard, leftMs, signal);
    }
  }

  /** Wait for it, at most `ms`; rejects with the signal's reason. */
  async orAfter(clock: Clock, heard: Heard, ms: number, signal?: AbortSignal): Promise<void> {
    let forget = heard.forget;
    const passed = new Promise<void>((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const refuse = (): void => reject(signal?.reason);
      signal?.addEventListener("abort", refuse, { once: true });
      const disarm = clock.after(Math.min(ms, this.#longestMs), resolve);
      forget = () => {
        disarm();
        signal?.removeEventListener("abort", refuse);
        heard.forget();
      };
    });
    try {
      await Promise.race([heard.fired, passed]);
    } finally {
      forget();
    }
  }
}

function heardIn(waiting: Set<() => void>): Heard {
  let fire = (): void => undefined;
  const fired = new Promise<void>((resolve) => {
    fire = () => {
      waiting.delete(fire);
      resolve();
    };
  });
  waiting.add(fire);
  return { fired, forget: () => void waiting.delete(fire) };
}

function wake(waiting: Set<() => void>): void {
  for (const fire of [...waiting]) fire();
}
