/** The tasks that the events of a log are of: when each began, and when it was over. @module */

import type { LoggedHere, OwnerLog } from "./logs.ts";
import type { ProvenEvent } from "./shapes.ts";

/** A task, as far as a log tells of it. */
export interface Life {
  readonly id: string;
  readonly begin: LoggedHere;
  /** Missing while it goes on. */
  readonly end: LoggedHere | undefined;
  /** The peer that is to have it, where that was decided last. */
  readonly peer: string | undefined;
  /** Who had it before it came to this log: its beginning there is not here. */
  readonly from: string | undefined;
}

/** An attempt or a task ends with one of these; what follows shows which. */
const ENDS: ReadonlySet<string> = new Set(["completed", "failed", "cancelled", "lost"]);
/** These happen to tasks that are over, too. */
const IDLE: ReadonlySet<string> = new Set(["stale", "updated", "kept"]);

/** Tasks by their ids; one whose submission is not there is left out. */
export function livesOf(log: OwnerLog): ReadonlyMap<string, Life> {
  const byTask = Map.groupBy(log.events, ({ task }) => task);
  const lives = [...byTask].flatMap(([id, events]): [string, Life][] => {
    const [first] = events;
    if (first?.type !== "submitted") return [];
    const here = (event: ProvenEvent): LoggedHere => ({ log, event });
    const last = events.findLast(({ type }) => !IDLE.has(type));
    const peer = events.findLast(({ type }) => type === "placed" || type === "displaced");
    const life: Life = {
      ...{ id, begin: here(first) },
      end: last && isEnd(last) ? here(last) : undefined,
      from: events.find(({ type }) => type === "adopted")?.from,
      peer: peer?.type === "placed" ? peer.peer : undefined,
    };
    return [[id, life]];
  });
  return new Map(lives);
}

/** What was over already when it came here has a state, and nothing follows. */
function isEnd({ type, state }: ProvenEvent): boolean {
  return ENDS.has(type) || (type === "adopted" && state !== undefined);
}
