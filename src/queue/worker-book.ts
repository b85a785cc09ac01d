/** What is known of the workers of a queue; soft, and new with each start of its owner. @module */

import type { Clock } from "../concurrency/clock.ts";
import type { Task } from "./task.ts";

/** How a worker introduces itself. */
export interface WorkerFacts {
  readonly worker: string;
  readonly slots?: number;
  readonly host?: string;
  readonly version?: string;
}

/** A worker, as people see it. */
export interface WorkerStats extends WorkerFacts {
  readonly running: number;
  readonly done: number;
  readonly failed: number;
  /** Leases that it lost. */
  readonly stalled: number;
  readonly p50Ms?: number;
  readonly p99Ms?: number;
  readonly lastHeartbeat: string;
}

/** Durations that are remembered of each worker. */
const MAX_DURATIONS = 512;
/** Workers that are remembered; those that were not heard of for the longest go first. */
const MAX_WORKERS = 1_024;
/** Whose last word is older is not waited for. */
const PRESENT_MS = 10_000;
/** A session's task waits so long for the worker of the one before. */
const STICKY_MS = 2_000;
/** Sessions that are remembered. */
const MAX_SESSIONS = 16_384;

interface Entry {
  facts: WorkerFacts;
  heardAt: number;
  done: number;
  failed: number;
  stalled: number;
  readonly running: Set<string>;
  readonly durations: number[];
}

/** Keeps the book. */
export class WorkerBook {
  readonly #clock: Pick<Clock, "now">;
  readonly #workers = new Map<string, Entry>();
  readonly #workerOf = new Map<string, string>();

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  /** A worker spoke. */
  heard(facts: WorkerFacts): void {
    const known = this.#workers.get(facts.worker);
    const entry = known ?? {
      ...{ facts, heardAt: 0, done: 0, failed: 0, stalled: 0 },
      ...{ running: new Set<string>(), durations: [] },
    };
    entry.facts = { ...entry.facts, ...facts };
    entry.heardAt = this.#clock.now();
    this.#workers.delete(facts.worker);
    this.#workers.set(facts.worker, entry);
    bound(this.#workers, MAX_WORKERS);
  }

  claimed({ spec, lease }: Task): void {
    if (!lease) return;
    this.#workers.get(lease.worker)?.running.add(spec.id);
    if (spec.session === undefined) return;
    this.#workerOf.delete(spec.session);
    this.#workerOf.set(spec.session, lease.worker);
    bound(this.#workerOf, MAX_SESSIONS);
  }

  /** An attempt of this worker is over, and this is what became of the task. */
  settled(worker: string, { spec, state, error }: Task, ms: number): void {
    const entry = this.#workers.get(worker);
    if (!entry) return;
    entry.running.delete(spec.id);
    if (error?.code === "lease_lost") {
      entry.stalled += 1;
      return;
    }
    entry[state === "done" ? "done" : "failed"] += 1;
    entry.durations.push(ms);
    if (entry.durations.length > MAX_DURATIONS) entry.durations.shift();
  }

  /** Whether a task waits for the worker that had the last one of its session. */
  isAwaited({ spec, updatedAt }: Task, worker: string): boolean {
    if (spec.session === undefined) return false;
    const last = this.#workerOf.get(spec.session);
    if (last === undefined || last === worker) return false;
    const now = this.#clock.now();
    // What lies ahead is not recent either: the clock was set back.
    const isWithin = (at: number, ms: number): boolean => Math.abs(now - at) < ms;
    const heardAt = this.#workers.get(last)?.heardAt ?? -Infinity;
    return isWithin(heardAt, PRESENT_MS) && isWithin(updatedAt, STICKY_MS);
  }

  stats(worker?: string): readonly WorkerStats[] {
    const entries = [...this.#workers.values()];
    return entries
      .filter(({ facts }) => worker === undefined || facts.worker === worker)
      .map(statsOf);
  }
}

function statsOf({
  facts,
  heardAt,
  running,
  durations,
  done,
  failed,
  stalled,
}: Entry): WorkerStats {
  const sorted = durations.toSorted((a, b) => a - b);
  const quantile = (share: number): number | undefined =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  const [p50Ms, p99Ms] = [quantile(0.5), quantile(0.99)];
  return {
    ...facts,
    ...{ running: running.size, done, failed, stalled },
    ...(p50Ms !== undefined && { p50Ms }),
    ...(p99Ms !== undefined && { p99Ms }),
    lastHeartbeat: new Date(heardAt).toISOString(),
  };
}

/** The first entries are the oldest. */
function bound(map: Map<string, unknown>, max: number): void {
  const [first] = map.keys();
  if (map.size > max && first !== undefined) map.delete(first);
}
