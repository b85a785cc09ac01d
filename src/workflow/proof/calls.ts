/** The calls of a run that peers worked: what they did lies between what this owner says of it. @module */

import { givenKey } from "../../queue/peer-queue.ts";
import type { MissingLog } from "../record/proof-root.ts";
import type { HashClock } from "./clock.ts";
import { type Life, livesOf } from "./lives.ts";
import { logName, type OwnerLog } from "./logs.ts";

/** What is compared. */
export interface ComparedCalls {
  readonly home: OwnerLog;
  readonly lives: ReadonlyMap<string, Life>;
  readonly peers: readonly OwnerLog[];
  readonly missing: readonly MissingLog[];
  readonly clock: HashClock;
}

/** What came of it. */
export interface CallsVerdict {
  readonly faults: readonly string[];
  /** Whose side is not there, by the ids of calls. */
  readonly unseen: ReadonlyMap<string, string>;
}

/** Compare both sides of every call; `nameOf` tells how a task is called. */
export function compareCalls(
  compared: ComparedCalls,
  nameOf: (id: string) => string,
): CallsVerdict {
  const { home, lives, peers, missing } = compared;
  const worked = new Map(peers.map((log) => [log.name, livesByKey(log)]));
  const isMissing = new Set(missing.map(logName));
  const faults: string[] = [];
  const unseen = new Map<string, string>();
  for (const life of lives.values()) {
    const owner = ownerOf(life);
    if (owner === undefined) continue;
    const name = logName({ owner, queue: home.queue });
    const there = worked.get(name)?.get(givenKey(home.owner, home.queue, life.id));
    if (there) faults.push(...callFaults(compared, life, there, nameOf(life.id)));
    // One that was not given yet is nowhere.
    else if (life.end || isMissing.has(name)) unseen.set(life.id, owner);
  }
  return { faults, unseen };
}

/** Who worked it, as its end says, or is to have it. */
function ownerOf({ end, peer }: Life): string | undefined {
  if (!end) return peer;
  const [citation] = end.event.elsewhere?.cites ?? [];
  return citation?.owner;
}

function callFaults(
  { home, clock }: ComparedCalls,
  { begin, end }: Life,
  there: Life,
  call: string,
): readonly string[] {
  const { name } = there.begin.log;
  const faults: string[] = [];
  if (!clock.isBefore(begin, there.begin)) {
    faults.push(
      `"${call}" began in ${name} (event ${there.begin.event.number}) without following from event ${begin.event.number} of ${home.name}, with which it was decided`,
    );
  }
  if (end && !(there.end && clock.isBefore(there.end, end))) {
    const what = there.end ? `event ${there.end.event.number} of ${name}` : `an end in ${name}`;
    faults.push(
      `"${call}" was over in ${home.name} (event ${end.event.number}) without following from ${what}`,
    );
  }
  return faults;
}

/** Tasks of a log by the keys under which they were given. */
function livesByKey(log: OwnerLog): ReadonlyMap<string, Life> {
  const keyed = [...livesOf(log).values()].flatMap((life): [string, Life][] => {
    const { idempotencyKey } = life.begin.event;
    return idempotencyKey === undefined ? [] : [[idempotencyKey, life]];
  });
  return new Map(keyed);
}
