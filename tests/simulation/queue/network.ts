/** A network that loses, doubles, delays and divides. @module */

import type { Chance } from "./chance.ts";
import type { Message, Party } from "./messages.ts";
import type { Scheduler } from "./scheduler.ts";

/** Shares of messages. */
const LOST = 0.05;
const DOUBLED = 0.03;
const LATE = 0.04;
/** The longest delay of a late one: longer than a lease. */
export const LATE_MS = 3_000;

/** Between the owner and everybody else. */
export class Network {
  isHealed = false;
  lost = 0;
  doubled = 0;
  /** Late ones that are still under way. */
  late = 0;
  readonly #scheduler: Scheduler;
  readonly #chance: Chance;
  readonly #deliver: (message: Message) => void;
  /** Who is cut off from the owner, and until when. */
  readonly #cut = new Map<Party, number>();

  constructor(scheduler: Scheduler, chance: Chance, deliver: (message: Message) => void) {
    this.#scheduler = scheduler;
    this.#chance = chance;
    this.#deliver = deliver;
  }

  send(message: Message): void {
    if (this.#isLost(message)) {
      this.lost += 1;
      return;
    }
    this.#carry(message);
    if (!this.isHealed && this.#chance.happens(DOUBLED)) {
      this.doubled += 1;
      this.#carry(message);
    }
  }

  /** Nothing passes between this party and the owner for a while. */
  cut(party: Party, ms: number): void {
    this.#cut.set(party, this.#scheduler.now + ms);
  }

  heal(): void {
    this.isHealed = true;
    this.#cut.clear();
  }

  #isLost({ party }: Message): boolean {
    if (this.isHealed) return false;
    const isCut = (this.#cut.get(party) ?? 0) > this.#scheduler.now;
    return isCut || this.#chance.happens(LOST);
  }

  #carry(message: Message): void {
    const isLate = !this.isHealed && this.#chance.happens(LATE);
    const ms = isLate ? this.#chance.between(20, LATE_MS) : this.#chance.between(1, 15);
    if (isLate) this.late += 1;
    this.#scheduler.after(ms, () => {
      if (isLate) this.late -= 1;
      this.#deliver(message);
    });
  }
}
