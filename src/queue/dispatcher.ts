/** Gives tasks to workers that ask, and lets those wait for whom there is none. @module */

import { type Claim, claim, lanesFor } from "./commands/claim.ts";
import type { Committer } from "./committer.ts";
import type { QueueMeta } from "./queue-store.ts";
import type { ClaimRequest, QueueNeeds } from "./queue-types.ts";
import type { Task } from "./task.ts";
import type { Watchers } from "./watchers.ts";
import type { WorkerBook, WorkerFacts } from "./worker-book.ts";

/** What a dispatcher needs. */
export interface DispatcherNeeds extends Pick<QueueNeeds, "clock" | "store"> {
  readonly committer: Committer;
  readonly workers: WorkerBook;
  readonly watchers: Watchers;
  readonly lanes: () => QueueMeta["lanes"];
  /** See {@link Flows}. */
  readonly mayStart: (task: Task) => boolean;
  /** See {@link Claim}. */
  readonly keeper: () => string | undefined;
}

/** Where workers queue up. */
export class Dispatcher {
  readonly #needs: DispatcherNeeds;
  #isDraining = false;
  #isClosed = false;

  constructor(needs: DispatcherNeeds) {
    this.#needs = needs;
  }

  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** Lease tasks to a worker; waits for some where there are none, and answers with none at last. */
  async claim(request: ClaimRequest, signal?: AbortSignal): Promise<readonly Task[]> {
    const { clock, watchers, workers } = this.#needs;
    const until = clock.monotonic() + request.waitMs;
    for (;;) {
      signal?.throwIfAborted();
      workers.heard(factsOf(request));
      if (this.#isDraining || this.#isClosed) return [];
      const heard = watchers.nextWork();
      const claimed = await this.#claimNow(request);
      const leftMs = until - clock.monotonic();
      if (claimed.length > 0 || leftMs <= 0) {
        heard.forget();
        return claimed;
      }
      await watchers.orAfter(clock, heard, leftMs, signal);
    }
  }

  /** How many tasks a worker could be given; waits up to `waitMs` for the first. */
  async depth(can: ClaimRequest["can"], waitMs: number, signal?: AbortSignal): Promise<number> {
    const { clock, watchers } = this.#needs;
    const until = clock.monotonic() + waitMs;
    for (;;) {
      signal?.throwIfAborted();
      if (this.#isDraining || this.#isClosed) return 0;
      const heard = watchers.nextWork();
      const lanes = this.#needs.lanes();
      const depth = lanesFor(lanes, can).reduce((sum, lane) => sum + (lanes[lane] ?? 0), 0);
      const leftMs = until - clock.monotonic();
      if (depth > 0 || leftMs <= 0) {
        heard.forget();
        return depth;
      }
      await watchers.orAfter(clock, heard, leftMs, signal);
    }
  }

  async #claimNow({ worker, max, can }: ClaimRequest): Promise<readonly Task[]> {
    const { committer, workers, store } = this.#needs;
    const lanes = lanesFor(this.#needs.lanes(), can);
    if (lanes.length === 0 && !store.isShared) return [];
    const skip = (task: Task): boolean =>
      workers.isAwaited(task, worker) || !this.#needs.mayStart(task);
    const hints = { lanes: lanes.map((name) => ({ name, limit: max })) };
    const keeper = this.#needs.keeper();
    const kept = keeper !== undefined && { keeper };
    return committer.run((set) => claim(set, { worker, max, can, skip, ...kept }), hints);
  }

  /** No more claims. */
  drain(): void {
    this.#isDraining = true;
    this.#needs.watchers.wakeWorkers();
  }

  /** Claims again. */
  resume(): void {
    this.#isDraining = false;
  }

  close(): void {
    this.#isClosed = true;
  }
}

function factsOf({ worker, slots, host, version }: WorkerFacts): WorkerFacts {
  return {
    worker,
    ...(slots !== undefined && { slots }),
    ...(host !== undefined && { host }),
    ...(version !== undefined && { version }),
  };
}
