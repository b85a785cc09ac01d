/**
 * What happened before what, by hashes alone (Lamport 1978; vector clocks: Fidge, Mattern 1988; over hashes:
 * Sanjuán et al., 2020).
 *
 * Events of one log are in its order. An event that cites a commit of another log comes after all that this
 * commit's header reaches: its hash could not have been known before.
 *
 * @module
 */

import type { Citation } from "../../queue/task.ts";
import { type LoggedHere, logName, type OwnerLog } from "./logs.ts";
import type { ProvenEvent } from "./shapes.ts";

/** How far each log had come, by the numbers of its events. */
type Vector = ReadonlyMap<string, number>;

/** From this event on, a log knows so much of the others. */
interface Merge {
  readonly number: number;
  readonly known: Vector;
}

/** All that an event says that it follows from. */
export function citesOf({ cites = [], elsewhere }: ProvenEvent): readonly Citation[] {
  return [...cites, ...(elsewhere?.cites ?? [])];
}

/** The happened-before relation of some logs. */
export class HashClock {
  readonly #logs: ReadonlyMap<string, OwnerLog>;
  readonly #merges = new Map<string, Merge[]>();

  constructor(logs: readonly OwnerLog[]) {
    this.#logs = new Map(logs.map((log) => [log.name, log]));
    const waiting = new Map(
      logs.map((log) => [log, log.events.filter((event) => citesOf(event).length > 0)]),
    );
    for (const { name } of logs) this.#merges.set(name, []);
    // A citation is a hash of what was there before, so that one of those who wait can always go on.
    for (let isGoing = true; isGoing; ) {
      isGoing = false;
      for (const [log, events] of waiting) {
        const blocked = events.findIndex((event) => !this.#isKnown(log, event, waiting));
        const done = events.splice(0, blocked === -1 ? events.length : blocked);
        for (const event of done) this.#merge(log, event);
        isGoing ||= done.length > 0;
      }
    }
  }

  /** Whether `before` certainly happened before `after`. */
  isBefore(before: LoggedHere, after: LoggedHere): boolean {
    const { log, event } = after;
    if (before.log === log) return before.event.number < event.number;
    return (this.#knownAt(log.name, event.number).get(before.log.name) ?? 0) >= before.event.number;
  }

  /** The number of the last event of the commit that is cited; nothing where it is not there. */
  #lastOf(citation: Citation): readonly [log: string, last: number] | undefined {
    const log = this.#logs.get(logName(citation));
    const commit = log?.commits.get(citation.commit);
    return log && commit && [log.name, commit.header.last];
  }

  /** Whether everything that an event follows from has been merged. */
  #isKnown(
    own: OwnerLog,
    event: ProvenEvent,
    waiting: ReadonlyMap<OwnerLog, readonly ProvenEvent[]>,
  ): boolean {
    return citesOf(event).every((citation) => {
      const cited = this.#lastOf(citation);
      const log = cited && this.#logs.get(cited[0]);
      if (!log || log === own) return true;
      const [next] = waiting.get(log) ?? [];
      return !next || next.number > cited[1];
    });
  }

  #merge({ name }: OwnerLog, event: ProvenEvent): void {
    const merges = this.#merges.get(name) ?? [];
    const known = new Map(merges.at(-1)?.known);
    const learn = (log: string, number: number): void => {
      known.set(log, Math.max(known.get(log) ?? 0, number));
    };
    for (const citation of citesOf(event)) {
      const cited = this.#lastOf(citation);
      if (!cited) continue;
      learn(...cited);
      for (const [log, number] of this.#knownAt(...cited)) learn(log, number);
    }
    merges.push({ number: event.number, known });
  }

  #knownAt(log: string, number: number): Vector {
    const merges = this.#merges.get(log) ?? [];
    let [low, high] = [0, merges.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((merges[middle]?.number ?? 0) <= number) low = middle + 1;
      else high = middle;
    }
    return merges[low - 1]?.known ?? new Map();
  }
}
