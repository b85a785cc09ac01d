/** Notices ids that were seen a moment ago. @module */

import type { Clock } from "../concurrency/clock.ts";

/** How long, and how many at most, an id is remembered. */
export const REPLAY_WINDOW = { ms: 300_000, entries: 4_096 } as const;

interface Seen {
  readonly id: unknown;
  readonly at: number;
}

/** The ids of one stream. */
export class ReplayWindow {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #seen = new Map<unknown, Seen>();
  /**
   * A ring of the last ones, which knows the oldest at once: a Map finds its first entry behind the
   * traces of all that were deleted before, which took 5 % of serving a call.
   */
  readonly #ring: Seen[] = [];
  #next = 0;

  constructor(clock: Pick<Clock, "monotonic">) {
    this.#clock = clock;
  }

  /** What had this id was turned away: the same may be sent again. */
  forget(id: unknown): void {
    this.#seen.delete(id);
  }

  /** Remember `id`; true where it is already known. */
  isRepeated(id: unknown): boolean {
    const at = this.#clock.monotonic();
    const known = this.#seen.get(id);
    if (known && at - known.at < REPLAY_WINDOW.ms) return true;
    const oldest = this.#ring[this.#next];
    // An id that was forgotten, or came again later, has left this place of its own accord.
    if (oldest && this.#seen.get(oldest.id) === oldest) this.#seen.delete(oldest.id);
    const seen = { id, at };
    this.#seen.set(id, seen);
    this.#ring[this.#next] = seen;
    this.#next = (this.#next + 1) % REPLAY_WINDOW.entries;
    return false;
  }
}
