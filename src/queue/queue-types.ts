/** What a queue needs, is asked, and answers. @module */

import type { Clock } from "../concurrency/clock.ts";
import type { Flows } from "./committer.ts";
import type { LaneNeeds } from "./order.ts";
import type { QueueStore } from "./queue-store.ts";
import type { WorkerFacts } from "./worker-book.ts";

/** Bounds of a queue, which may change while it runs. */
export interface QueueLimits {
  readonly leaseMs: number;
  readonly maxBacklog: number;
}

/** What a queue needs. */
export interface QueueNeeds {
  readonly name: string;
  readonly store: QueueStore;
  readonly clock: Clock;
  readonly random: () => number;
  readonly limits: () => QueueLimits;
  /** Work that nobody waits for failed; it is tried again. */
  readonly trouble: (what: string, error: unknown) => void;
  /** See {@link Committer}. */
  readonly defer?: (run: () => void) => void;
  /** See {@link Committer}. */
  readonly flows?: Flows;
}

/** A worker that asks for tasks. */
export interface ClaimRequest extends WorkerFacts {
  readonly max: number;
  readonly can: (needs: LaneNeeds) => boolean;
  /** How long to wait where there is nothing to do. */
  readonly waitMs: number;
}

/** What the owner answers to a heartbeat. */
export interface HeartbeatAnswer {
  readonly extended: readonly string[];
  readonly lost: readonly string[];
  readonly cancelRequested: readonly string[];
  /** Finish what you have and claim no more. */
  readonly drain: boolean;
}
