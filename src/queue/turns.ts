/**
 * Whose turn it is: the tags of tasks and the numbers of groups, as one transaction changes them.
 *
 * @module
 */

import { admits, emptyGroup, started, withLimits } from "./groups.ts";
import type { GroupState, QueueReader } from "./queue-store.ts";
import type { Task, TaskSpec } from "./task.ts";

/** A task's place among those that are ready. */
export interface Turn {
  readonly tag: number;
  /** It waits for the limits of its group. */
  readonly isHeld: boolean;
}

/** The draft of fairness and group limits. */
export class Turns {
  readonly #reader: Pick<QueueReader, "group">;
  readonly #now: number;
  readonly #groups = new Map<string, GroupState>();
  #virtualTime: number;
  #finish: number;

  constructor(reader: Pick<QueueReader, "meta" | "group">, now: number) {
    this.#reader = reader;
    this.#now = now;
    ({ virtualTime: this.#virtualTime, finish: this.#finish } = reader.meta());
  }

  get virtualTime(): number {
    return this.#virtualTime;
  }
  get finish(): number {
    return this.#finish;
  }
  /** Groups that the transaction touched. */
  get groups(): readonly GroupState[] {
    return [...this.#groups.values()];
  }

  group(key: string): GroupState {
    return this.#known(key) ?? emptyGroup(key);
  }

  /** A new task names the limits of its group. */
  limit(spec: TaskSpec): void {
    const { groupKey } = spec;
    if (groupKey !== undefined) this.#groups.set(groupKey, withLimits(this.group(groupKey), spec));
  }

  /** `before` becomes ready; with `keptTag` it is as early as it was. */
  enter(before: Task, keptTag?: number): Turn {
    const { groupKey } = before.spec;
    if (groupKey === undefined) return { tag: keptTag ?? this.#nextTag(), isHeld: false };
    // While all of a group's tasks are scheduled it is forgotten, and its limits with it.
    const known = this.#known(groupKey) ?? withLimits(emptyGroup(groupKey), before.spec);
    const group = left(before, known);
    const tag = keptTag ?? Math.max(this.#virtualTime, group.finish);
    const finish = keptTag === undefined ? tag + 1 : group.finish;
    const isHeld = !admits(group, this.#now);
    const entered = isHeld ? { held: group.held + 1 } : { claimable: group.claimable + 1 };
    this.#groups.set(groupKey, { ...group, finish, ...entered });
    return { tag, isHeld };
  }

  /** `before` is leased: its turn has come. */
  start(before: Task): void {
    this.#virtualTime = Math.max(this.#virtualTime, before.tag);
    const { groupKey } = before.spec;
    if (groupKey !== undefined) {
      this.#groups.set(groupKey, started(this.group(groupKey), this.#now));
    }
  }

  /** `before` is neither ready nor leased any more. */
  leave(before: Task): void {
    const { groupKey } = before.spec;
    if (groupKey !== undefined) this.#groups.set(groupKey, left(before, this.group(groupKey)));
  }

  /** Whether one of a group's held tasks may come forward. */
  canPromote(key: string): boolean {
    const group = this.group(key);
    return group.held > 0 && admits(group, this.#now);
  }

  /** One of them does. */
  promote(key: string): void {
    const group = this.group(key);
    const { held, claimable } = group;
    this.#groups.set(key, { ...group, held: held - 1, claimable: claimable + 1 });
  }

  #known(key: string): GroupState | undefined {
    return this.#groups.get(key) ?? this.#reader.group(key);
  }

  /** Tasks without a group take turns as if they were one. */
  #nextTag(): number {
    const tag = Math.max(this.#virtualTime, this.#finish);
    this.#finish = tag + 1;
    return tag;
  }
}

/** The group without this task of it. */
function left({ state, isHeld }: Task, group: GroupState): GroupState {
  if (state === "leased") return { ...group, leased: group.leased - 1 };
  if (state !== "ready") return group;
  return isHeld ? { ...group, held: group.held - 1 } : { ...group, claimable: group.claimable - 1 };
}
