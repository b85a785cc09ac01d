/** Kills the coordinator of workflows, and at times a worker, at moments that a seed decides. @module */

import type { HostName } from "../../bench/hosts.ts";
import type { Chance } from "../simulation/queue/chance.ts";
import type { QueueCluster } from "./queue-cluster.ts";

/** How often a worker is killed as well. */
const WORKER_SHARE = 0.6;
/** How often the coordinator is killed again while it starts, or has just begun to work. */
const EARLY_SHARE = 0.15;
/** A start takes about so long. */
const START_MS = [300, 3_000] as const;

/** Kills as long as that is wanted. */
export class WorkflowNemesis {
  /** When the coordinator was killed, by the machine's clock. */
  readonly kills: number[] = [];
  /** Of those kills, the ones in the course of a start. */
  earlyKills = 0;
  /** Coordinators that were killed, by their host. */
  readonly byHost: Record<HostName, number> = { node: 0, bun: 0, deno: 0 };
  /** Workers that were killed, by their host. */
  readonly workerKills: Record<HostName, number> = { node: 0, bun: 0, deno: 0 };
  readonly #cluster: QueueCluster;
  readonly #chance: Chance;
  readonly #spanMs: number;
  /** Workers die in turn, so that it comes to each. */
  #turn: number;

  /** From a coordinator's being at work to its end, 0 to `spanMs` go by; more where starts take long. */
  constructor(cluster: QueueCluster, chance: Chance, spanMs: number) {
    this.#cluster = cluster;
    this.#chance = chance;
    this.#spanMs = spanMs;
    this.#turn = chance.between(0, cluster.workers.length - 1);
  }

  /** Kill while this holds; resolves when everybody is at work again. */
  async rage(isWanted: () => boolean): Promise<void> {
    const { owner, workers } = this.#cluster;
    while (isWanted()) {
      const startedAt = performance.now();
      while (!owner.isReady) await pause(20);
      // Workers take about as long to come back, and without them nothing can go on.
      const backMs = Math.round(2 * (performance.now() - startedAt));
      await pause(this.#chance.between(0, Math.max(this.#spanMs, backMs)));
      if (!isWanted()) break;
      if (this.#chance.happens(WORKER_SHARE)) this.#killWorker();
      this.#kill();
      if (!this.#chance.happens(EARLY_SHARE)) continue;
      await pause(this.#chance.between(...START_MS));
      if (!owner.current.isRunning) continue;
      this.#kill();
      this.earlyKills += 1;
    }
    const all = [owner, ...workers.map(({ process }) => process)];
    // A worker that finds nobody ends with an error, and is started again.
    while (!all.every(({ isReady }) => isReady)) await pause(20);
  }

  #kill(): void {
    const { owner, ownerHost } = this.#cluster;
    this.byHost[ownerHost] += 1;
    owner.signal("SIGKILL");
    this.kills.push(Date.now());
  }

  #killWorker(): void {
    const { workers } = this.#cluster;
    const victim = workers[this.#turn % workers.length];
    if (!victim?.process.isReady) return;
    this.#turn += 1;
    victim.process.signal("SIGKILL");
    this.workerKills[victim.host] += 1;
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
