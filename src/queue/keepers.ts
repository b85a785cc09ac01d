/**
 * Servers that share a queue: each times the leases that it gave, and those of a server that died.
 *
 * A server that lives raises a counter three times in the length of a lease. Whose counter stood
 * still for longer than a lease, on the clock of whoever looks, is taken for dead: no two clocks are
 * compared. Its leases get their full time again from whoever adopts them. A mistake costs nothing
 * but time: a keeper that hears of a worker whose token counts takes the lease back.
 *
 * @module
 */

import { adopt, attest } from "./commands/keep.ts";
import type { Committer } from "./committer.ts";
import type { KeeperTable, KeptLease } from "./queue-store.ts";
import type { HeartbeatAnswer, QueueNeeds } from "./queue-types.ts";
import type { Timekeeper } from "./timekeeper.ts";
import type { Watchers } from "./watchers.ts";

/** What the keepers of a queue need. */
export interface KeepersNeeds extends QueueNeeds {
  readonly table: KeeperTable;
  readonly committer: Committer;
  readonly time: Timekeeper;
  readonly watchers: Watchers;
}

/** Who waits in a shared queue looks again so often, whether there was a hint or not. */
export const LOOK_MS = 1_000;

interface Seen {
  readonly beat: number;
  readonly since: number;
}

/** Leases that are adopted in one transaction; the rest follow in the next. */
const ADOPT_LIMIT = 256;

/** Tells others that this server is there, and finds out who is not. */
export class Keepers {
  readonly #needs: KeepersNeeds;
  readonly #seen = new Map<string, Seen>();
  #disarm: (() => void) | undefined;
  #running: Promise<void> = Promise.resolve();
  #lastBeatAt = 0;
  #isStopped = false;
  #unsubscribe: (() => void) | undefined;
  #name = "";

  constructor(needs: KeepersNeeds) {
    this.#needs = needs;
  }

  /** Of this server in this queue: the epoch of its opening, which no other one has. */
  get name(): string {
    return this.#name;
  }

  /** Begin; leases that nobody times are adopted at once. */
  async start(epoch: number): Promise<void> {
    this.#name = `epoch ${epoch}`;
    const { store, name, watchers } = this.#needs;
    this.#unsubscribe = store.subscribe?.((queue) => {
      if (queue === name) watchers.wakeAll();
    });
    await this.#beat();
    this.#arm();
  }

  /** Others adopt what is still out at their next beat. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#disarm?.();
    this.#unsubscribe?.();
    await this.#running;
    const { table, name, trouble } = this.#needs;
    await table.leave(name, this.#name).catch((error: unknown) => {
      trouble(`queue ${name}: leaving it to the other servers`, error);
    });
  }

  /** A worker is there: what became of its leases is in the store, whoever gave them. */
  async heartbeat(leases: readonly KeptLease[]): Promise<Omit<HeartbeatAnswer, "drain">> {
    const { committer, time } = this.#needs;
    const ids = leases.map(({ id }) => id);
    const tasks = await committer.run((set) => attest(set, leases, this.#name), { ids });
    const extended = tasks.filter((task) => task !== undefined);
    for (const task of extended) {
      time.leases.follow(task);
      time.leases.renew(task.spec.id, task.token);
    }
    const cancelled = extended.filter(({ lease }) => lease?.cancel);
    return {
      extended: extended.map(({ spec }) => spec.id),
      lost: ids.filter((_, at) => !tasks[at]),
      cancelRequested: cancelled.map(({ spec }) => spec.id),
    };
  }

  #arm(): void {
    if (this.#isStopped) return;
    const { clock, limits, name, trouble, time } = this.#needs;
    this.#disarm = clock.after(limits().leaseMs / 3, () => {
      // Of what others scheduled only they know, and they may be gone.
      this.#running = Promise.all([this.#beat(), time.look()])
        .catch((error: unknown) => trouble(`queue ${name}: telling the other servers`, error))
        .then(() => this.#arm());
    });
  }

  async #beat(): Promise<void> {
    const { table, name, clock, limits } = this.#needs;
    const counters = await table.beat(name, this.#name);
    const now = clock.monotonic();
    // A server that stood still itself saw nobody's beats.
    if (now - this.#lastBeatAt > (limits().leaseMs * 2) / 3) this.#seen.clear();
    this.#lastBeatAt = now;
    for (const dead of this.#unchanged(counters, now)) await table.leave(name, dead);
    await this.#adopt();
  }

  /** Remember the counters; answers with the keepers whose counter stood still. */
  #unchanged(counters: ReadonlyMap<string, number>, now: number): readonly string[] {
    const before = new Map(this.#seen);
    this.#seen.clear();
    const dead: string[] = [];
    for (const [keeper, beat] of counters) {
      const seen = before.get(keeper);
      const since = seen?.beat === beat ? seen.since : now;
      if (now - since > this.#needs.limits().leaseMs) dead.push(keeper);
      else this.#seen.set(keeper, { beat, since });
    }
    return dead;
  }

  async #adopt(): Promise<void> {
    const { table, name, committer } = this.#needs;
    for (;;) {
      const orphans = await table.orphans(name, ADOPT_LIMIT);
      if (orphans.length === 0) return;
      const ids = orphans.map(({ id }) => id);
      await committer.run((set) => adopt(set, orphans, this.#name), { ids });
      if (orphans.length < ADOPT_LIMIT) return;
    }
  }
}
