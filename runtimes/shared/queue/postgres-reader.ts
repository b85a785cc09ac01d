/**
 * {@link QueueReader} on what is known of a queue's rows.
 *
 * A read of something that is not known throws {@link Missing}; whoever runs the work fetches it and
 * runs the work again.
 *
 * @module
 */

import { dueAt } from "../../../src/queue/groups.ts";
import type { GroupState, QueueMeta, QueueReader } from "../../../src/queue/queue-store.ts";
import type { Task } from "../../../src/queue/task.ts";
import type { KnownRows } from "./postgres-known.ts";
import { Missing } from "./postgres-wants.ts";
import { heldLine } from "./task-row.ts";

/** How far ahead due things are read: work that is run again finds that it is later by then. */
const HORIZON_MS = 1_000;

/** Lanes that are read together. */
const MAX_LANES = 64;

/** Names of tasks that are taken to be absent. */
export interface Assumed {
  readonly ids: Set<string>;
  readonly keys: Set<string>;
}

/** See the top of this file. */
export class PostgresReader implements QueueReader {
  readonly #known: KnownRows;
  readonly #assumed: Assumed | undefined;

  /** Where `assumed` is given, unknown tasks are taken to be absent; whoever writes checks them. */
  constructor(known: KnownRows, assumed?: Assumed) {
    this.#known = known;
    this.#assumed = assumed;
  }

  meta(): QueueMeta {
    return this.#known.meta;
  }

  task(id: string): Task | undefined {
    const { tasks } = this.#known;
    if (tasks.has(id)) return tasks.get(id);
    if (!this.#assumed) throw new Missing({ ids: [id] });
    this.#assumed.ids.add(id);
    return undefined;
  }

  byKey(key: string): Task | undefined {
    const { keys } = this.#known;
    if (keys.has(key)) {
      const id = keys.get(key);
      return id === undefined ? undefined : this.task(id);
    }
    if (!this.#assumed) throw new Missing({ keys: [key] });
    this.#assumed.keys.add(key);
    return undefined;
  }

  group(key: string): GroupState | undefined {
    const { groups } = this.#known;
    if (!groups.has(key)) throw new Missing({ groups: [key] });
    return groups.get(key);
  }

  claimable(lane: string, limit: number): readonly Task[] {
    const { meta, lines } = this.#known;
    if ((meta.lanes[lane] ?? 0) === 0) return [];
    const known = lines.get(lane)?.first(limit);
    if (known) return known;
    // Whoever looks into one lane will look into the others that its worker can do.
    const others = Object.keys(meta.lanes).filter((name) => !lines.has(name));
    const lanes = new Map(others.slice(0, MAX_LANES).map((name) => [name, limit]));
    throw new Missing({ lanes: lanes.set(lane, limit) });
  }

  held(group: string, limit: number): readonly Task[] {
    const known = this.#known.lines.get(heldLine(group))?.first(limit);
    if (!known) throw new Missing({ held: new Map([[group, limit]]) });
    return known;
  }

  due(now: number, limit: number): readonly Task[] {
    const { until, tasks } = this.#known.soon;
    const known = now <= until ? tasks?.first(limit) : undefined;
    if (!known) throw new Missing({ due: { until: now + HORIZON_MS, limit } });
    return known.filter(({ runAt }) => runAt <= now);
  }

  dueGroups(now: number, limit: number): readonly GroupState[] {
    const { until, groups } = this.#known.soon;
    if (now > until || !groups) throw new Missing({ due: { until: now + HORIZON_MS, limit } });
    return groups.filter((group) => (dueAt(group) ?? Infinity) <= now).slice(0, limit);
  }
}
