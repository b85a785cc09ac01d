/**
 * Simulated time: what is to happen, in the order of (moment, chance, number).
 *
 * Everything that happens belongs to one start of one process: it does not happen when that process
 * has died before, and waits while it stands still.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import type { Chance } from "./chance.ts";

/** One start of one process. */
export interface Life {
  isOver: boolean;
  /** Until then the process stands still. */
  pausedUntil: number;
  /** It works with promises: what they lead to is waited for. */
  readonly isAsync: boolean;
}

interface Happening {
  at: number;
  readonly tie: number;
  readonly number: number;
  readonly life: Life | undefined;
  run: (() => void) | undefined;
}

/** A process that starts. */
export function createLife(isAsync = false): Life {
  return { isOver: false, pausedUntil: 0, isAsync };
}

/** The end of this turn of the event loop, when no promise has anything left to do. */
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** Lets things happen, one at a time. */
export class Scheduler {
  now = 0;
  /** How many things happened. */
  count = 0;
  /** What happened, and when, as one number. */
  digest = 0x811c9dc5;
  readonly #chance: Chance;
  readonly #heap: Happening[] = [];
  #number = 0;

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  /** Let `run` happen after `ms`; returns the function that prevents it. */
  after(ms: number, run: () => void, life?: Life): () => void {
    this.#number += 1;
    const at = this.now + Math.max(0, Math.ceil(ms));
    const happening: Happening = {
      ...{ at, tie: this.#chance.next(), number: this.#number, life, run },
    };
    this.#push(happening);
    return () => {
      happening.run = undefined;
    };
  }

  /** Mix a fact into the digest. */
  note(fact: number): void {
    this.digest = Math.imul(this.digest ^ (fact | 0), 0x01000193);
  }

  /** Go on until `isOver`, or until this moment; returns whether it was over. */
  async run(until: number, isOver: () => boolean): Promise<boolean> {
    while (!isOver()) {
      const happening = this.#pop();
      if (!happening || happening.at > until) {
        if (happening) this.#push(happening);
        this.now = until;
        return false;
      }
      await this.#happen(happening);
    }
    return true;
  }

  async #happen(happening: Happening): Promise<void> {
    const { life, run } = happening;
    if (!run || life?.isOver) return;
    if (life && life.pausedUntil > happening.at) {
      happening.at = life.pausedUntil;
      this.#push(happening);
      return;
    }
    this.now = Math.max(this.now, happening.at);
    this.count += 1;
    this.note(this.now);
    this.note(happening.number);
    run();
    if (life?.isAsync) await turn();
  }

  #push(happening: Happening): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(happening);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (!above || isBefore(above, happening)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = happening;
  }

  #pop(): Happening | undefined {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap.pop();
    if (!first || !last || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      let below = heap[child];
      const right = heap[child + 1];
      if (below && right && isBefore(right, below)) {
        child += 1;
        below = right;
      }
      if (!below || isBefore(last, below)) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(a: Happening, b: Happening): boolean {
  if (a.at !== b.at) return a.at < b.at;
  if (a.tie !== b.tie) return a.tie < b.tie;
  return a.number < b.number;
}
