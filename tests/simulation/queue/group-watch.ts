/** How many tasks of a group run at once, and how often they start, as the log tells it. @module */

import type { GroupRate, TaskSpec } from "../../../src/queue/task.ts";

interface Watched {
  leased: number;
  readonly starts: number[];
  rate: GroupRate | undefined;
}

/** Watches groups; each task of one names the same limits. */
export class GroupWatch {
  readonly #groups = new Map<string, Watched>();

  /** A task starts; returns what is wrong with that. */
  start({ groupKey, groupLimit = Infinity, groupRate }: Partial<TaskSpec>, at: number): string[] {
    if (groupKey === undefined) return [];
    const group = this.#groups.get(groupKey) ?? { leased: 0, starts: [], rate: groupRate };
    this.#groups.set(groupKey, group);
    group.leased += 1;
    group.starts.push(at);
    if (group.leased <= groupLimit) return [];
    return [`${group.leased} of the group ${groupKey} run, not ${groupLimit}`];
  }

  /** An attempt is over. */
  end({ groupKey = "" }: Partial<TaskSpec>): void {
    const group = this.#groups.get(groupKey);
    if (group) group.leased -= 1;
  }

  /** A burst of `count` may start at once, and then one in each `perMs / count`. */
  rateFaults(): readonly string[] {
    return [...this.#groups].flatMap(([key, { starts, rate }]) =>
      rate
        ? earlyStarts(starts, rate).map((at) => `the group ${key} started too many by ${at}`)
        : [],
    );
  }
}

function earlyStarts(starts: readonly number[], { count, perMs }: GroupRate): readonly number[] {
  const spacing = perMs / count;
  // Moments are whole milliseconds.
  const isEarly = (later: number, at: number): boolean =>
    starts
      .slice(0, at)
      .some((first, from) => later - first < spacing * (at - from - count + 1) - 1);
  return starts.filter(isEarly);
}
