/** The orders of a queue that one transaction takes from: its lanes, and what groups hold back. @module */

import { isClaimable, laneOf } from "./order.ts";
import { Pool } from "./pool.ts";
import type { QueueReader } from "./queue-store.ts";
import type { Task } from "./task.ts";

/** Pools, each filled by the first who looks. */
export class Pools {
  readonly #reader: Pick<QueueReader, "claimable" | "held">;
  /** Tasks as the transaction left them. */
  readonly #changed: ReadonlyMap<string, Task>;
  readonly #pools = new Map<string, Pool>();

  constructor(reader: Pick<QueueReader, "claimable" | "held">, changed: ReadonlyMap<string, Task>) {
    this.#reader = reader;
    this.#changed = changed;
  }

  /** Claimable tasks of a lane, in their order. */
  lane(lane: string): Pool {
    return this.#pool(`lane:${lane}`, {
      stored: (limit) => this.#reader.claimable(lane, limit),
      belongs: (task) => isClaimable(task) && laneOf(task.spec) === lane,
    });
  }

  /** Tasks that a group's limits hold back. */
  heldOf(key: string): Pool {
    return this.#pool(`held:${key}`, {
      stored: (limit) => this.#reader.held(key, limit),
      belongs: ({ isHeld, spec }) => isHeld && spec.groupKey === key,
    });
  }

  /** The transaction changed a task. */
  put(task: Task): void {
    if (this.#pools.size === 0) return;
    if (isClaimable(task)) this.#pools.get(`lane:${laneOf(task.spec)}`)?.add(task);
    if (task.isHeld) this.#pools.get(`held:${task.spec.groupKey}`)?.add(task);
  }

  #pool(
    name: string,
    source: { stored(limit: number): readonly Task[]; belongs(task: Task): boolean },
  ): Pool {
    const known = this.#pools.get(name);
    if (known) return known;
    const pool = new Pool({ ...source, changed: (id) => this.#changed.get(id) });
    this.#pools.set(name, pool);
    // What this transaction put there before anybody looked.
    for (const task of this.#changed.values()) if (source.belongs(task)) pool.add(task);
    return pool;
  }
}
