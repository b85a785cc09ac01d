/**
 * A worker: claims tasks, says that it is there while their handlers run, and tells what became of
 * them, until it is believed.
 *
 * It counts a lease from the moment at which it sent the claim or the heartbeat, so that it stops
 * before the owner thinks it lost: nobody's clock needs to agree with anybody's.
 *
 * @module
 */

import { DeadlineError } from "../errors.ts";
import { RunningTasks } from "./running-tasks.ts";
import type { Drained, WorkerNeeds } from "./worker-types.ts";

/** How long one claim waits at the owner; less than a request may take. */
const CLAIM_WAIT_MS = 20_000;
/** How soon a source that failed is asked again, and at the latest. */
const RETRY_MS = 250;
const MAX_RETRY_MS = 10_000;

/** A worker that works. */
export class Worker {
  readonly #needs: WorkerNeeds;
  readonly #running: RunningTasks;
  readonly #claiming = new AbortController();
  readonly #loop: Promise<void>;

  constructor(needs: WorkerNeeds) {
    this.#needs = needs;
    this.#running = new RunningTasks(needs);
    this.#loop = this.#claimOn();
  }

  /** Tasks that it works on. */
  get size(): number {
    return this.#running.size;
  }

  /** Claim no more; what runs may finish for `graceMs`, and is given back then. */
  async drain(graceMs: number): Promise<Drained> {
    this.#claiming.abort(new DeadlineError("cancelled", "The worker is draining"));
    await this.#loop;
    return this.#running.drain(graceMs);
  }

  async #claimOn(): Promise<void> {
    const { signal } = this.#claiming;
    let failures = 0;
    while (!signal.aborted) {
      try {
        await this.#running.room(signal);
        await this.#claim(signal);
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        this.#needs.trouble("claiming tasks", error);
        failures += 1;
        const waitMs = Math.min(MAX_RETRY_MS, RETRY_MS * 2 ** (failures - 1));
        await this.#needs.clock.sleep(waitMs, signal).catch(() => undefined);
      }
    }
  }

  async #claim(signal: AbortSignal): Promise<void> {
    const { source, facts, skills, clock } = this.#needs;
    const sentAt = clock.monotonic();
    const max = facts.slots - this.#running.size;
    const message = { ...facts, ...skills(), max, waitMs: CLAIM_WAIT_MS };
    const { tasks, leaseMs } = await source.claim(message, signal);
    for (const task of tasks) this.#running.start(task, { sentAt, leaseMs });
  }
}
