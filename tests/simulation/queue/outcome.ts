/** What came of a simulated run: what is wrong with it, and its numbers. @module */

import { type ReadEvent, readLog } from "./log-chain.ts";
import type { Mutation } from "./mutations.ts";
import { createLife } from "./scheduler.ts";
import { faultsOf, type Remains, remainsOf } from "./verify.ts";
import type { Customer, World } from "./world.ts";

/** Numbers of one run, or of many. */
export interface Sums {
  seeds: number;
  happenings: number;
  messages: number;
  lostMessages: number;
  doubledMessages: number;
  commits: number;
  tasks: number;
  executions: number;
  /** Attempts that were seen to an end beyond the one that counted. */
  duplicates: number;
  staleRefused: number;
  ownerCrashes: number;
  workerCrashes: number;
  troubles: number;
  /** Answers by what was asked, and events by their type. */
  readonly reached: Record<string, number>;
}

/** How a run ended. */
export interface Outcome {
  readonly seed: number;
  /** What must not be. */
  readonly faults: readonly string[];
  /** What happened, and when, as one number. */
  readonly digest: number;
  readonly sums: Sums;
  /** What happened, to be read. */
  readonly story: () => readonly string[];
}

/** Nothing yet. */
export function noSums(): Sums {
  return {
    ...{ seeds: 0, happenings: 0, messages: 0, lostMessages: 0, doubledMessages: 0, commits: 0 },
    ...{ tasks: 0, executions: 0, duplicates: 0, staleRefused: 0 },
    ...{ ownerCrashes: 0, workerCrashes: 0, troubles: 0, reached: {} },
  };
}

/** Add the numbers of one run, or of many. */
export function addSums(to: Sums, { reached, ...numbers }: Sums): void {
  for (const [name, count] of Object.entries(numbers)) {
    to[name as keyof typeof numbers] += count;
  }
  for (const [name, count] of Object.entries(reached)) {
    to.reached[name] = (to.reached[name] ?? 0) + count;
  }
}

/** How a world was left. */
export interface Aftermath {
  /** Missing where the owner is not up. */
  readonly remains: Remains | undefined;
  /** What its log says. */
  readonly events: readonly ReadEvent[];
  readonly faults: readonly string[];
}

/** What every world has to hold to, whatever is done in it. */
export async function aftermathOf<C extends Customer>(
  world: World<C>,
  isQuiet: boolean,
  { mutation, isClockSteady }: { readonly mutation: Mutation; readonly isClockSteady: boolean },
): Promise<Aftermath> {
  const { store, takeovers } = world.owner;
  const remains = store && (await remainsOf(store));
  const faults: string[] = isQuiet ? [] : ["it did not come to an end"];
  if (!remains) return { remains, events: [], faults: [...faults, "the owner is not up"] };
  const log = readLog(remains.log, remains.meta);
  faults.push(...log.faults, ...faultsOf(remains, log.events, world.history, isClockSteady));
  if (remains.meta.epoch < takeovers) faults.push(`${takeovers} owners in fewer epochs`);
  if (mutation !== "no-fsync") faults.push(...(await durabilityFaults(world, remains)));
  return { remains, events: log.events, faults };
}

/** What the owner sees is what its disk would give back. */
async function durabilityFaults<C extends Customer>(
  world: World<C>,
  seen: Remains,
): Promise<readonly string[]> {
  const kept = await remainsOf(await world.disk.open(createLife()));
  const isSame = (what: keyof Remains): boolean =>
    JSON.stringify(kept[what]) === JSON.stringify(seen[what]);
  const other = (["rows", "meta"] as const).filter((what) => !isSame(what));
  return other.map((what) => `the disk has other ${what} than the owner`);
}

/** The numbers of a run. */
export function sumsOf<C extends Customer>(world: World<C>, aftermath: Aftermath): Sums {
  const { remains } = aftermath;
  const { scheduler, network, owner, workers, history } = world;
  const total = (of: (worker: (typeof workers)[number]) => number): number =>
    workers.reduce((sum, worker) => sum + of(worker), 0);
  const reached = reachedIn(world, aftermath);
  return {
    ...{ seeds: 1, happenings: scheduler.count, messages: history.invocations.length },
    ...{ lostMessages: network.lost, doubledMessages: network.doubled },
    commits: remains?.meta.commits ?? 0,
    tasks: (remains?.meta.nextSeq ?? 1) - 1,
    executions: total(({ executions }) => executions),
    duplicates: Math.max(0, total(({ finished }) => finished) - history.beliefs.length),
    staleRefused: Object.entries(reached)
      .filter(([name]) => name.endsWith("lease_lost"))
      .reduce((sum, [, count]) => sum + count, 0),
    ownerCrashes: owner.crashes,
    workerCrashes: total(({ crashes }) => crashes),
    ...{ troubles: owner.troubles, reached },
  };
}

/** How often what was asked was answered how, and what was logged. */
function reachedIn<C extends Customer>(
  { history }: World<C>,
  { remains, events }: Aftermath,
): Record<string, number> {
  const reached: Record<string, number> = {};
  const count = (name: string): void => {
    reached[name] = (reached[name] ?? 0) + 1;
  };
  for (const { request, answer } of history.invocations) {
    const how = !answer ? "unanswered" : "refused" in answer ? answer.refused : "ok";
    count(`${request.op}: ${how}`);
  }
  for (const { event } of events) count(`event: ${event.type}`);
  for (const { spec, state } of remains?.rows ?? []) {
    count(`end: ${state}`);
    if (spec.kind.startsWith("workflow")) count(`${spec.kind}: ${state}`);
  }
  return reached;
}
