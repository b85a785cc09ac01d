/**
 * How long each worker may keep what it claimed, on the owner's own monotonic clock.
 *
 * Nothing of it is stored: an owner that starts gives every lease its full time again, which can
 * only be too long. An owner that stood still itself (a blocked event loop, a laptop that slept)
 * heard nobody, and does the same.
 *
 * @module
 */

import type { Clock } from "../concurrency/clock.ts";
import { compareTokens, type Task, type Token } from "./task.ts";

/** A lease whose time is over. */
export interface Overdue {
  readonly id: string;
  readonly token: Token;
}

/** A lease that is over, whatever ended it. */
export interface EndedLease {
  readonly worker: string;
  readonly heldMs: number;
}

/** What a lease book needs. */
export interface LeaseBookNeeds {
  readonly clock: Pick<Clock, "monotonic" | "after">;
  readonly leaseMs: () => number;
  readonly expired: (overdue: readonly Overdue[]) => void;
  /** This server, where several share the queue: leases of others are theirs to time. */
  readonly keeper?: () => string | undefined;
}

interface Held {
  readonly token: Token;
  readonly worker: string;
  readonly since: number;
  until: number;
}

/** Leases of one queue. */
export class LeaseBook {
  readonly #needs: LeaseBookNeeds;
  /** In the order in which they end, because each gets the same time. */
  readonly #held = new Map<string, Held>();
  #timer: (() => void) | undefined;
  #isClosed = false;

  constructor(needs: LeaseBookNeeds) {
    this.#needs = needs;
  }

  get size(): number {
    return this.#held.size;
  }

  /** Keep the book with what became of a task; returns the lease that ended with it. */
  follow({ spec, lease: current }: Task): EndedLease | undefined {
    const lease = current?.keeper === this.#needs.keeper?.() ? current : undefined;
    const known = this.#held.get(spec.id);
    const isKnown = known && lease && compareTokens(known.token, lease.token) === 0;
    if (isKnown) return undefined;
    const now = this.#needs.clock.monotonic();
    this.#held.delete(spec.id);
    if (lease) this.#hold(spec.id, { token: lease.token, worker: lease.worker, since: now });
    return known && { worker: known.worker, heldMs: now - known.since };
  }

  /** The worker is there; `false` where it does not hold this any more. */
  renew(id: string, token: Token): boolean {
    const known = this.#held.get(id);
    if (!known || compareTokens(known.token, token) !== 0) return false;
    this.#hold(id, known);
    return true;
  }

  /** It is over, or another server's to time. */
  forget(id: string, token: Token): void {
    const known = this.#held.get(id);
    if (known && compareTokens(known.token, token) === 0) this.#held.delete(id);
  }

  /** What a worker holds. */
  of(worker: string): readonly Overdue[] {
    return [...this.#held]
      .filter(([, held]) => held.worker === worker)
      .map(([id, { token }]) => ({ id, token }));
  }

  /** How long a lease has still to run, in ms. */
  leftMs(id: string): number | undefined {
    const held = this.#held.get(id);
    return held && Math.max(0, held.until - this.#needs.clock.monotonic());
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.();
    this.#timer = undefined;
    this.#held.clear();
  }

  #hold(id: string, held: Omit<Held, "until">): void {
    const until = this.#needs.clock.monotonic() + this.#needs.leaseMs();
    this.#held.delete(id);
    this.#held.set(id, { ...held, until });
    this.#arm();
  }

  /** One timer, for the lease that ends first; it stays as it is when leases are renewed. */
  #arm(): void {
    if (this.#timer || this.#isClosed) return;
    const [first] = this.#held.values();
    if (!first) return;
    const now = this.#needs.clock.monotonic();
    const at = Math.max(first.until, now);
    this.#timer = this.#needs.clock.after(at - now, () => this.#sweep(at));
  }

  #sweep(plannedAt: number): void {
    this.#timer = undefined;
    const now = this.#needs.clock.monotonic();
    const leaseMs = this.#needs.leaseMs();
    if (now - plannedAt > leaseMs / 3) this.#extendAll(now + leaseMs);
    const overdue = this.#overdue(now);
    // Until the expiry is durable they stay, to be told of again.
    for (const [id, held] of overdue) this.#hold(id, held);
    const expired = overdue.map(([id, { token }]) => ({ id, token }));
    if (expired.length > 0) this.#needs.expired(expired);
    this.#arm();
  }

  #overdue(now: number): readonly (readonly [string, Held])[] {
    const overdue: (readonly [string, Held])[] = [];
    for (const entry of this.#held) {
      if (entry[1].until > now) break;
      overdue.push(entry);
    }
    return overdue;
  }

  #extendAll(until: number): void {
    for (const held of this.#held.values()) held.until = until;
  }
}
