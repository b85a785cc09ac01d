/** Kills the coordinator of workflows, and at times their worker, at moments that a seed decides. @module */

import type { Chance } from "../simulation/queue/chance.ts";
import type { ChaosWorker, QueueCluster } from "./queue-cluster.ts";

/** How often the worker is killed as well. */
const WORKER_SHARE = 0.3;
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
  workerKills = 0;
  /** Processes that the coordinator was. */
  readonly coordinators: Set<number> = new Set();
  readonly #cluster: QueueCluster;
  readonly #chance: Chance;
  readonly #spanMs: number;

  /** From a coordinator's being at work to its end, 0 to `spanMs` go by. */
  constructor(cluster: QueueCluster, chance: Chance, spanMs: number) {
    this.#cluster = cluster;
    this.#chance = chance;
    this.#spanMs = spanMs;
  }

  /** Kill while this holds; resolves when everybody is at work again. */
  async rage(isWanted: () => boolean): Promise<void> {
    const { owner, workers } = this.#cluster;
    while (isWanted()) {
      while (!owner.isReady) await pause(20);
      await pause(this.#chance.between(0, this.#spanMs));
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
    this.coordinators.add(owner.current.pid);
  }

  #kill(): void {
    const { owner } = this.#cluster;
    this.coordinators.add(owner.current.pid);
    owner.signal("SIGKILL");
    this.kills.push(Date.now());
  }

  #killWorker(): void {
    const { process } = this.#chance.pick(asFilled(this.#cluster.workers));
    if (!process.isReady) return;
    process.signal("SIGKILL");
    this.workerKills += 1;
  }
}

function asFilled([first, ...others]: readonly ChaosWorker[]): readonly [
  ChaosWorker,
  ...ChaosWorker[],
] {
  if (!first) throw new Error("there is no worker");
  return [first, ...others];
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
