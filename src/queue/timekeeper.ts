/** What follows from time in one queue: due tasks, lost leases, overdue cancellations, old results. @module */

import type { Clock } from "../concurrency/clock.ts";
import { enforceCancel } from "./commands/change.ts";
import { expire, prune, release } from "./commands/sweep.ts";
import type { Committer } from "./committer.ts";
import { type EndedLease, LeaseBook, type Overdue } from "./lease-book.ts";
import type { QueueStore } from "./queue-store.ts";
import type { HeartbeatAnswer } from "./queue-types.ts";
import type { Task, Token } from "./task.ts";

/** What a timekeeper needs. */
export interface TimekeeperNeeds {
  readonly queue: string;
  readonly store: Pick<QueueStore, "nextDue" | "expired" | "leased">;
  readonly committer: Committer;
  readonly clock: Clock;
  readonly random: () => number;
  readonly leaseMs: () => number;
  /** This server, where several share the queue. */
  readonly keeper: () => string | undefined;
  /** Work that nobody waits for failed; it is tried again. */
  readonly trouble: (what: string, error: unknown) => void;
}

/** How often old tasks are looked for. */
const PRUNE_MS = 60_000;
/** Tasks that are forgotten in one transaction. */
const PRUNE_LIMIT = 1_000;
/** The longest wait for a timer: those of hosts end at 24.8 days. */
const MAX_TIMER_MS = 86_400_000;
/** How long a worker may take to heed the cancellation of the workflow around its task. */
const FLOW_GRACE_MS = 10_000;
/** How soon failed work is tried again. */
const RETRY_MS = 1_000;

/** Acts when a moment has come. */
export class Timekeeper {
  readonly leases: LeaseBook;
  readonly #needs: TimekeeperNeeds;
  readonly #cancels = new Map<string, () => void>();
  readonly #retries = new Set<() => void>();
  #due: { readonly at: number; readonly disarm: () => void } | undefined;
  #pruning: (() => void) | undefined;
  #isStopped = false;

  constructor(needs: TimekeeperNeeds) {
    this.#needs = needs;
    const { clock, leaseMs, keeper } = needs;
    const expired = (overdue: readonly Overdue[]): void =>
      this.#attend("expiring leases", () => this.#expire(overdue));
    this.leases = new LeaseBook({ clock, leaseMs, keeper, expired });
  }

  /** Begin, with full time for every lease that is out. */
  async start(): Promise<void> {
    const { store, queue, leaseMs } = this.#needs;
    for (const task of await store.leased(queue)) {
      this.leases.follow(task);
      // How long the grace was nobody remembers; its worker has to hear of it in any case.
      if (task.lease?.cancel) this.cancelAfter(task.spec.id, task.lease.token, leaseMs());
    }
    await this.look();
    this.#armPrune();
  }

  stop(): void {
    this.#isStopped = true;
    this.#due?.disarm();
    this.#pruning?.();
    this.leases.close();
    for (const disarm of [...this.#cancels.values(), ...this.#retries]) disarm();
    this.#cancels.clear();
  }

  /** A task changed; returns the lease that ended with it. */
  follow(task: Task): EndedLease | undefined {
    const { id } = task.spec;
    const ended = this.leases.follow(task);
    if (!task.lease?.cancel) {
      this.#cancels.get(id)?.();
      this.#cancels.delete(id);
    } else if (task.spec.flow !== undefined) {
      this.cancelAfter(id, task.lease.token, FLOW_GRACE_MS);
    }
    if (task.state === "scheduled") this.expect(task.runAt);
    return ended;
  }

  /** A worker is there, and works on these. */
  heartbeat(leases: readonly Overdue[]): Omit<HeartbeatAnswer, "drain"> {
    const extended: string[] = [];
    const lost: string[] = [];
    for (const { id, token } of leases) (this.leases.renew(id, token) ? extended : lost).push(id);
    return { extended, lost, cancelRequested: extended.filter((id) => this.#cancels.has(id)) };
  }

  /** Take a task from its worker, unless it lets go of it before. */
  cancelAfter(id: string, token: Token, graceMs: number): void {
    if (this.#cancels.has(id)) return;
    const { committer, clock } = this.#needs;
    const enforce = (): Promise<unknown> =>
      committer.run((set) => enforceCancel(set, id, token), { ids: [id] });
    const disarm = clock.after(graceMs, () => this.#attend("cancelling", enforce));
    this.#cancels.set(id, disarm);
  }

  /** Forget tasks whose time to be kept is over; returns how many. */
  async prune(): Promise<number> {
    const { store, clock, committer, queue } = this.#needs;
    for (let pruned = 0; ; ) {
      const ids = await store.expired(queue, clock.now(), PRUNE_LIMIT);
      if (ids.length === 0) return pruned;
      const removed = await committer.run((set) => prune(set, ids), { ids });
      if (removed === 0) return pruned;
      pruned += removed;
    }
  }

  async #expire(overdue: readonly Overdue[]): Promise<void> {
    const { committer, random, keeper } = this.#needs;
    const ids = overdue.map(({ id }) => id);
    const others = await committer.run(
      (set) => overdue.filter((lease) => !expire(set, lease, { random, keeper: keeper() })),
      { ids },
    );
    // Where servers share a queue, what happened at another one is found out here.
    for (const { id, token } of others) this.leases.forget(id, token);
  }

  /** Make ready what is due, and wait for what is due next. */
  async look(): Promise<void> {
    const { committer, store, queue } = this.#needs;
    await committer.run((set) => void release(set));
    const next = await store.nextDue(queue);
    if (next !== undefined) this.expect(next);
  }

  /** Something is due then. */
  expect(at: number): void {
    if (this.#isStopped || (this.#due && this.#due.at <= at)) return;
    this.#due?.disarm();
    const { clock } = this.#needs;
    const waitMs = Math.min(MAX_TIMER_MS, Math.max(1, at - clock.now()));
    const disarm = clock.after(waitMs, () => {
      this.#due = undefined;
      this.#attend("releasing tasks", () => this.look());
    });
    this.#due = { at, disarm };
  }

  #armPrune(): void {
    if (this.#isStopped) return;
    this.#pruning = this.#needs.clock.after(PRUNE_MS, () => {
      this.#attend("forgetting old tasks", () => this.prune());
      this.#armPrune();
    });
  }

  #attend(what: string, work: () => Promise<unknown>): void {
    work().catch((error: unknown) => {
      if (this.#isStopped) return;
      const { trouble, clock, queue } = this.#needs;
      trouble(`queue ${queue}: ${what}`, error);
      const disarm = clock.after(RETRY_MS, () => {
        this.#retries.delete(disarm);
        this.#attend(what, work);
      });
      this.#retries.add(disarm);
    });
  }
}
