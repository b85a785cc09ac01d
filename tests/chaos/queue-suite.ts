/** A queue under kill -9, stops and partitions: nothing that was acknowledged may be lost. @module */

import { createChance } from "../simulation/queue/chance.ts";
import { callQueue } from "../support/queue-calls.ts";
import type { Cleanup } from "../support/temp-folder.ts";
import { type QueueCluster, startCluster } from "./queue-cluster.ts";
import { QueueNemesis } from "./queue-nemesis.ts";
import { judgeQueue, type QueueVerdict } from "./queue-verdict.ts";
import { type Submissions, Submitters } from "./submitters.ts";
import type { Outcome, SuiteOptions } from "./suite.ts";

const LEASE_MS = 1_500;
const WORKERS = 3;
const SUBMITTERS = 4;
/** Once everything is whole, the rest must be over within this time. */
const HEAL_MS = 60_000;
/** Faults that are told one by one. */
const MAX_TOLD = 20;

/** Run it. */
export async function runQueueSuite(
  t: Cleanup,
  { seconds, seed, duplicates, say }: SuiteOptions,
): Promise<Outcome> {
  const workers = Array.from({ length: WORKERS }, () => ({ host: "node" }) as const);
  const cluster = await startCluster(t, { workers, leaseMs: LEASE_MS });
  let nemesis: QueueNemesis;
  let submissions: Submissions;
  let codes: readonly string[];
  try {
    const { url, effects } = cluster;
    const chance = createChance(seed + 1);
    const submitters = new Submitters({ url, effects, loops: SUBMITTERS, chance });
    nemesis = new QueueNemesis(cluster, createChance(seed), LEASE_MS);
    await nemesis.rage(seconds * 1_000);
    say("healed; waiting for the rest");
    submissions = await submitters.stop();
    await untilOver(cluster);
  } finally {
    codes = await cluster.stop();
  }
  const verdict = await judgeQueue(cluster.queueFile, cluster.effects, submissions);
  const retried = [...submissions.retried].map(([why, count]) => `${why} ${count}`).join(", ");
  return {
    figures: { ...figuresOf(verdict, seconds), ...nemesis.deeds, "requests repeated": retried },
    faults: [...faultsOf(verdict, duplicates), ...codes.map((code) => `did not end well: ${code}`)],
  };
}

/** Resolves at the latest after {@link HEAL_MS}; the verdict then tells what is stuck. */
async function untilOver({ url }: QueueCluster): Promise<void> {
  const endsAt = performance.now() + HEAL_MS;
  while (performance.now() < endsAt) {
    const { counts } = await callQueue(url, "status", {});
    const { scheduled = 0, ready = 0, leased = 0 } = counts as Record<string, number>;
    if (scheduled + ready + leased === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function figuresOf(verdict: QueueVerdict, seconds: number): Outcome["figures"] {
  const { acked, executions, duplicates } = verdict;
  return {
    acked: `${acked} (${Math.round(acked / seconds)}/s)`,
    finished: verdict.finished,
    lost: verdict.lost,
    stuck: verdict.stuck,
    executions,
    "duplicate executions": `${duplicates} (${percent(duplicates, acked)} %)`,
    "stale completions rejected": verdict.stale,
    "double completions": verdict.doubleCompletions,
    "events in the log": `${verdict.events} in ${verdict.commits} commits, ${verdict.epochs} epochs`,
  };
}

function faultsOf(verdict: QueueVerdict, allowed: number): readonly string[] {
  const { acked, lost, stuck, doubleCompletions, duplicates, faults } = verdict;
  const told = faults.slice(0, MAX_TOLD);
  if (faults.length > MAX_TOLD) told.push(`and ${faults.length - MAX_TOLD} more`);
  if (acked === 0) told.unshift("nothing was acknowledged");
  if (lost > 0) told.unshift(`${lost} acknowledged tasks are lost`);
  if (stuck > 0) told.unshift(`${stuck} tasks are not over ${HEAL_MS / 1_000} s after the end`);
  if (doubleCompletions > 0) told.unshift(`${doubleCompletions} tasks were completed twice`);
  if (duplicates * 100 > acked * allowed) {
    const share = percent(duplicates, acked);
    told.unshift(
      `executed again: ${share} % of the tasks, where ${allowed} % may be; leases are lost without need, or too little was done between two deeds`,
    );
  }
  return told;
}

const percent = (part: number, whole: number): string =>
  ((100 * part) / Math.max(1, whole)).toFixed(2);
