/** Notices ids that were seen a moment ago. @module */

import type { Clock } from "../concurrency/clock.ts";

/** How long, and how many at most, an id is remembered. */
export const REPLAY_WINDOW = { ms: 300_000, entries: 4_096 } as const;

/** The ids of one stream, oldest first. */
export class ReplayWindow {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #seenAt = new Map<unknown, number>();

  constructor(clock: Pick<Clock, "monotonic">) {
    this.#clock = clock;
  }

  /** What had this id was turned away: the same may be sent again. */
  forget(id: unknown): void {
    this.#seenAt.delete(id);
  }

  /** Remember `id`; true where it is already known. */
  isRepeated(id: unknown): boolean {
    const now = this.#clock.monotonic();
    const seenAt = this.#seenAt.get(id);
    if (seenAt !== undefined && now - seenAt < REPLAY_WINDOW.ms) return true;
    this.#seenAt.delete(id);
    this.#seenAt.set(id, now);
    if (this.#seenAt.size > REPLAY_WINDOW.entries) {
      // A Map iterates in the order of insertion, so the first is the oldest.
      for (const oldest of this.#seenAt.keys()) {
        this.#seenAt.delete(oldest);
        break;
      }
    }
    return false;
  }
}
