/** How many calls of each map are at peers: `maxParallel` bounds them. @module */

import { isFinal, type Task, type TaskSpec } from "../../queue/task.ts";

/** Calls at peers by their groups, where those have limits. */
export class PlacedGroups {
  readonly #placed = new Map<string, Set<string>>();

  /** A call changed. */
  follow(task: Task): void {
    const { id, groupKey, groupLimit } = task.spec;
    if (groupKey === undefined || groupLimit === undefined) return;
    const placed = this.#placed.get(groupKey) ?? new Set();
    if (task.peer !== undefined && !isFinal(task)) placed.add(id);
    else placed.delete(id);
    if (placed.size > 0) this.#placed.set(groupKey, placed);
    else this.#placed.delete(groupKey);
  }

  /** Room for further calls, of which each that is admitted takes some. */
  draft(): { admit(call: TaskSpec): boolean } {
    const more = new Map<string, number>();
    return {
      admit: ({ groupKey = "", groupLimit = Infinity }) => {
        const taken = more.get(groupKey) ?? this.#placed.get(groupKey)?.size ?? 0;
        if (taken >= groupLimit) return false;
        more.set(groupKey, taken + 1);
        return true;
      },
    };
  }
}
