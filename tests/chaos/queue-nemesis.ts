/** What is done to the processes of a queue: a seed decides what, to whom, when and for how long. @module */

import type { Chance } from "../simulation/queue/chance.ts";
import type { ChaosWorker, QueueCluster } from "./queue-cluster.ts";

/** How often each was done. */
export type Deeds = Record<Deed, number>;

type Deed =
  | "owner killed"
  | "owner stopped"
  | "worker killed"
  | "worker stopped"
  | "worker cut off"
  | "connection dropped";

/** How often each is chosen, in proportion. */
const PLAN: readonly (readonly [Deed, number])[] = [
  ["owner killed", 3],
  ["owner stopped", 2],
  ["worker killed", 4],
  ["worker stopped", 3],
  ["worker cut off", 3],
  ["connection dropped", 2],
];

/** Between two deeds. */
const PAUSE_MS = [300, 900] as const;
/** One that has just come to work is let be, for without work there is nothing to lose. */
const OWNER_WORKS_MS = 2_000;
const WORKER_WORKS_MS = 500;

/** Torments until it is told to stop. */
export class QueueNemesis {
  readonly deeds: Deeds = {
    "owner killed": 0,
    "owner stopped": 0,
    "worker killed": 0,
    "worker stopped": 0,
    "worker cut off": 0,
    "connection dropped": 0,
  };
  readonly #cluster: QueueCluster;
  readonly #chance: Chance;
  readonly #leaseMs: number;
  readonly #busy = new Set<unknown>();
  readonly #going = new Set<Promise<void>>();

  constructor(cluster: QueueCluster, chance: Chance, leaseMs: number) {
    this.#cluster = cluster;
    this.#chance = chance;
    this.#leaseMs = leaseMs;
  }

  /** Do harm for so long; resolves when everything is whole again. */
  async rage(ms: number): Promise<void> {
    const endsAt = performance.now() + ms;
    while (performance.now() < endsAt) {
      const going: Promise<void> = this.#strike(this.#choose()).finally(() => {
        this.#going.delete(going);
      });
      this.#going.add(going);
      await pause(this.#chance.between(...PAUSE_MS));
    }
    await Promise.all(this.#going);
  }

  #choose(): Deed {
    const total = PLAN.reduce((sum, [, weight]) => sum + weight, 0);
    let left = this.#chance.next() * total;
    for (const [deed, weight] of PLAN) {
      left -= weight;
      if (left < 0) return deed;
    }
    return "worker killed";
  }

  async #strike(deed: Deed): Promise<void> {
    const worker = this.#chance.pick(this.#workers());
    const longerThanLease = Math.round(this.#leaseMs * (1.2 + this.#chance.next()));
    const shorter = this.#chance.between(100, this.#leaseMs);
    const { owner } = this.#cluster;
    const victim = deed.startsWith("owner") ? owner : worker;
    const { isReady } = deed.startsWith("owner") ? owner : worker.process;
    if (this.#busy.has(victim) || !isReady) return;
    this.#busy.add(victim);
    this.deeds[deed] += 1;
    try {
      await this.#doTo(deed, worker, deed === "owner stopped" ? shorter : longerThanLease);
    } finally {
      this.#busy.delete(victim);
    }
  }

  async #doTo(deed: Deed, { process, link }: ChaosWorker, ms: number): Promise<void> {
    const { owner } = this.#cluster;
    switch (deed) {
      case "owner killed":
      case "worker killed": {
        const victim = deed === "owner killed" ? owner : process;
        victim.signal("SIGKILL");
        while (!victim.isReady) await pause(20);
        return pause(victim === owner ? OWNER_WORKS_MS : WORKER_WORKS_MS);
      }
      case "owner stopped":
      case "worker stopped": {
        const victim = deed === "owner stopped" ? owner : process;
        victim.signal("SIGSTOP");
        await pause(ms);
        return victim.signal("SIGCONT");
      }
      case "worker cut off":
        link.cut();
        await pause(ms);
        return link.mend();
      case "connection dropped":
        return link.drop();
    }
  }

  #workers(): readonly [ChaosWorker, ...ChaosWorker[]] {
    const [first, ...others] = this.#cluster.workers;
    if (!first) throw new Error("there is no worker to torment");
    return [first, ...others];
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
