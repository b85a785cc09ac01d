/** What a seed has in store: tasks, what becomes of them from outside, and faults. @module */

import type { TaskSpec } from "../../../src/queue/task.ts";
import type { Chance } from "./chance.ts";
import type { Wanted } from "./messages.ts";
import { LATE_MS } from "./network.ts";
import { LEASE_MS } from "./owner.ts";

/** How long faults go on, in ms. */
export const FAULTS_MS = 5_000;

/** What a client does with a task after it has submitted it. */
export interface Deed {
  readonly op: "cancel" | "prioritize" | "update" | "prune";
  readonly afterMs: number;
}

/** One submission, and what follows. */
export interface Errand {
  readonly client: number;
  readonly afterMs: number;
  readonly wanted: Wanted;
  readonly deeds: readonly Deed[];
  /** Wait for its end, and submit it again if that was no good one. */
  readonly isFollowed: boolean;
}

/** Something that goes wrong. */
export interface Fault {
  readonly kind:
    | "owner-crash"
    | "owner-pause"
    | "worker-crash"
    | "worker-pause"
    | "partition"
    | "wall-jump"
    | "drain";
  readonly atMs: number;
  readonly lastsMs: number;
  /** Whom it hits, or by how much the clock jumps. */
  readonly whom: number;
}

/** What a world is like, whatever is done in it. */
export interface Surroundings {
  readonly workers: readonly { readonly abilities: readonly string[]; readonly slots: number }[];
  readonly faults: readonly Fault[];
  /** How long there are faults. */
  readonly faultsMs: number;
  readonly maxBacklog: number;
  readonly diskFailures: number;
}

/** A whole run. */
export interface Plan extends Surroundings {
  readonly clients: number;
  readonly errands: readonly Errand[];
}

type Group = Pick<TaskSpec, "groupKey" | "groupLimit" | "groupRate">;

const GROUPS: readonly [Group, ...Group[]] = [
  { groupKey: "one", groupLimit: 1 },
  { groupKey: "two", groupLimit: 2 },
  { groupKey: "rate", groupRate: { count: 2, perMs: 1_000 } },
  { groupKey: "both", groupLimit: 2, groupRate: { count: 3, perMs: 1_000 } },
];

/** The plan of a seed. */
export function planOf(chance: Chance): Plan {
  const clients = chance.between(1, 3);
  const count = chance.between(2, 7);
  const errands: Errand[] = [];
  for (let at = 0; at < count; at += 1) errands.push(...errandsOf(chance, at, clients));
  // One can do everything, so that nothing has to wait for ever.
  const able = { abilities: ["gpu"], slots: chance.between(1, 3) };
  const others = Array.from({ length: chance.between(1, 2) }, () => ({
    abilities: chance.happens(0.5) ? ["gpu"] : [],
    slots: chance.between(1, 2),
  }));
  return {
    ...{ clients, errands, workers: [able, ...others] },
    faults: faultsOf(chance, others.length + 1, clients),
    faultsMs: FAULTS_MS,
    maxBacklog: chance.happens(0.15) ? 3 : 1_000,
    diskFailures: chance.happens(0.15) ? 0.05 : 0,
  };
}

/** One errand, or two that share a key. */
function errandsOf(chance: Chance, at: number, clients: number): readonly Errand[] {
  const first = errandOf(chance, at, clients);
  if (first.wanted.spec.idempotencyKey === undefined || !chance.happens(0.2)) return [first];
  const { client, afterMs } = errandOf(chance, at, clients);
  const input = chance.happens(0.3) ? "something else" : first.wanted.spec.input;
  const wanted = { ...first.wanted, spec: { ...first.wanted.spec, input } };
  return [first, { ...first, wanted, client, afterMs, deeds: [] }];
}

function errandOf(chance: Chance, at: number, clients: number): Errand {
  return {
    client: chance.between(0, clients - 1),
    afterMs: chance.between(0, FAULTS_MS / 2),
    wanted: wantedOf(chance, at),
    deeds: deedsOf(chance),
    isFollowed: chance.happens(0.5),
  };
}

function wantedOf(chance: Chance, at: number): Wanted {
  const hasKey = chance.happens(0.85);
  const recurrence = { cron: "*/7 * * * * *", series: `series-${at}` };
  return {
    spec: {
      ...{ kind: chance.pick(["a", "b"]), input: { n: at }, timeoutMs: 60_000 },
      requires: chance.happens(0.2) ? ["gpu"] : [],
      maxAttempts: chance.between(1, 4),
      maxStalls: chance.between(1, 5),
      backoff: { initialMs: 50, factor: 2, maxMs: 400, jitter: chance.pick([0, 0.5, 1]) },
      // What is forgotten soon has no key, so that a key names one task for the whole run; and not
      // sooner than the last copy of its submission has come.
      resultTtlMs: !hasKey && chance.happens(0.5) ? LATE_MS + 200 : 3_600_000,
      ...(hasKey && { idempotencyKey: `key-${at}` }),
      ...(chance.happens(0.45) && chance.pick(GROUPS)),
      ...(chance.happens(0.15) && { session: `session-${chance.between(0, 1)}` }),
      ...(chance.happens(0.03) && { recurrence }),
    },
    priority: chance.between(0, 9),
    delayMs: chance.happens(0.2) ? chance.between(1, 3_000) : 0,
    labels: { n: String(at) },
  };
}

function deedsOf(chance: Chance): readonly Deed[] {
  const shares = { cancel: 0.12, prioritize: 0.2, update: 0.1, prune: 0.1 } as const;
  return (Object.keys(shares) as (keyof typeof shares)[])
    .filter((op) => chance.happens(shares[op]))
    .map((op) => ({ op, afterMs: chance.between(0, op === "prune" ? 6_000 : 2_000) }));
}

/** What goes wrong in a world of so many. */
export function faultsOf(chance: Chance, workers: number, clients: number): readonly Fault[] {
  const faults: Fault[] = [];
  const add = (kind: Fault["kind"], max: number, longest: number, most: number): void => {
    for (let left = chance.between(0, max); left > 0; left -= 1) {
      const atMs = chance.between(0, FAULTS_MS);
      faults.push({
        ...{ kind, atMs },
        lastsMs: chance.between(20, longest),
        whom: chance.between(0, most),
      });
    }
  };
  add("owner-crash", 3, 800, 0);
  add("owner-pause", 1, LEASE_MS, 0);
  add("worker-crash", 2, 2_000, workers - 1);
  add("worker-pause", 2, LEASE_MS * 3, workers - 1);
  add("partition", 2, LEASE_MS * 2, workers + clients - 1);
  if (chance.happens(0.3)) add("wall-jump", 2, 0, 80_000);
  if (chance.happens(0.2)) add("drain", 1, 1_500, 0);
  return faults;
}
