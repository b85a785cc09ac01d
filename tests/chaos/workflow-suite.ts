/** Workflows whose coordinator and workers are killed: each comes to the same as if nobody had disturbed it. @module */

import { isDeepStrictEqual } from "node:util";
import { type HostName, hostNames } from "../../bench/hosts.ts";
import { messageOf } from "../../src/errors.ts";
import { createChance } from "../simulation/queue/chance.ts";
import type { Cleanup } from "../support/temp-folder.ts";
import { startCluster } from "./queue-cluster.ts";
import type { Outcome, SuiteOptions } from "./suite.ts";
import { type Ended, Stuck, WorkflowClient } from "./workflow-client.ts";
import { WorkflowNemesis } from "./workflow-nemesis.ts";
import { abilityOf, VARIANTS } from "./workflow-trial.ts";
import { judgeWorkflows, type WorkflowVerdict } from "./workflow-verdict.ts";

const LEASE_MS = 1_500;
/** Calls that the coordinator makes itself at once. */
const SLOTS = 4;
/** Runs that are under way at once, at most; of few tries fewer, so that it takes more than one kill. */
const MAX_AT_ONCE = 12;
const KILLS_AT_LEAST = 2;
/** How long a coordinator may be at work: its workers take seconds to find it again. */
const SPAN_MS = 6_000;
/** A run that is not over by then is stuck: each loss of a call doubles the pause before the next. */
const STUCK_MS = 180_000;
/** Runs after which a person is told how far it is. */
const TOLD_EVERY = 25;
/** Faults that are told one by one. */
const MAX_TOLD = 20;

/** What came of the runs. */
interface Tries {
  /** The coordinator was killed in the course of these. */
  readonly hit: readonly Ended[];
  /** These went by between two kills. */
  readonly missed: readonly Ended[];
  readonly stuck: readonly string[];
  /** Requests that were refused for good. */
  readonly faults: readonly string[];
}

/** Run it. */
export async function runWorkflowSuite(
  t: Cleanup,
  { tries, seed, say }: SuiteOptions,
): Promise<Outcome> {
  const startedAt = performance.now();
  const workers = hostNames.map((host) => ({ host, abilities: [abilityOf(host)] }));
  const owners = hostNames;
  const cluster = await startCluster(t, { workers, owners, leaseMs: LEASE_MS, slots: SLOTS });
  const client = new WorkflowClient(cluster.url, cluster.effects);
  let models: ReadonlyMap<number, Ended>;
  let nemesis: WorkflowNemesis;
  let came: Tries;
  let codes: readonly string[];
  try {
    models = await undisturbed(client);
    const modelMs = Math.max(...[...models.values()].map(durationOf));
    say(`undisturbed: ${modelMs} ms; now the coordinator is killed`);
    nemesis = new WorkflowNemesis(cluster, createChance(seed), SPAN_MS);
    came = await tryOften(client, nemesis, { tries, say });
  } finally {
    codes = await cluster.stop();
  }
  const runs = [...came.hit, ...came.missed];
  const judged = [...models.values(), ...runs];
  const { queueFile, effects } = cluster;
  const { pids: coordinators } = cluster.owner;
  const verdict = await judgeWorkflows({ queueFile, effects, runs: judged, models, coordinators });
  const requests = [...client.retried].map(([why, count]) => `${why} ${count}`).join(", ");
  return {
    figures: {
      ...figuresOf(came, models),
      ...killsOf(nemesis),
      ...executionsOf(verdict),
      "events in the log": verdict.events,
      "requests repeated": requests,
      seconds: Math.round((performance.now() - startedAt) / 1_000),
    },
    faults: told([
      ...(nemesis.kills.length === 0 ? ["nobody was killed"] : []),
      ...came.stuck.map((what) => `stuck: ${what}`),
      ...runs.flatMap((run) => differencesOf(run, models)),
      ...came.faults,
      ...idleHosts(verdict),
      ...verdict.faults,
      ...codes.map((code) => `did not end well: ${code}`),
    ]),
  };
}

/** One run of each variant that nobody disturbs; throws where one does not end well by itself. */
async function undisturbed(client: WorkflowClient): Promise<ReadonlyMap<number, Ended>> {
  const runs = await Promise.all(
    VARIANTS.map((variant) =>
      client.run({ key: `model-${variant}`, variant, surface: "rest", withinMs: STUCK_MS }),
    ),
  );
  for (const { ending } of runs) {
    if (ending.state !== "done") throw new Error(`undisturbed: ${JSON.stringify(ending)}`);
  }
  return new Map(runs.map((run) => [run.variant, run]));
}

/** Run until so many runs have been hit; what is under way then comes to its end. */
async function tryOften(
  client: WorkflowClient,
  nemesis: WorkflowNemesis,
  { tries, say }: Pick<SuiteOptions, "tries" | "say">,
): Promise<Tries> {
  const came = {
    hit: [] as Ended[],
    missed: [] as Ended[],
    stuck: [] as string[],
    faults: [] as string[],
  };
  let made = 0;
  const isWanted = (): boolean => came.hit.length + came.stuck.length + came.faults.length < tries;
  const tryOne = async (at: number): Promise<void> => {
    const key = `try-${at}`;
    const variant = VARIANTS[at % VARIANTS.length] ?? 1;
    const surface = at % 2 === 0 ? "rest" : "mcp";
    try {
      const run = await client.run({ key, variant, surface, withinMs: STUCK_MS });
      came[wasHit(run, nemesis.kills) ? "hit" : "missed"].push(run);
    } catch (error) {
      came[error instanceof Stuck ? "stuck" : "faults"].push(`${key}: ${messageOf(error)}`);
    }
  };
  const tryOn = async (): Promise<void> => {
    while (isWanted()) {
      await tryOne(made++);
      if (made % TOLD_EVERY === 0) say(`${came.hit.length} of ${tries}`);
    }
  };
  const length = Math.min(MAX_AT_ONCE, Math.ceil(tries / KILLS_AT_LEAST));
  const loops = Array.from({ length }, tryOn);
  await Promise.all([...loops, nemesis.rage(isWanted)]);
  return came;
}

/** Whether the coordinator was killed between the request for a run and its end. */
function wasHit({ requestedAt, finishedAt }: Ended, kills: readonly number[]): boolean {
  return kills.some((at) => requestedAt <= at && at < finishedAt);
}

function figuresOf(
  { hit, missed, stuck, faults }: Tries,
  models: ReadonlyMap<number, Ended>,
): Outcome["figures"] {
  const isSame = (run: Ended): boolean => differencesOf(run, models).length === 0;
  const same = hit.filter(isSame).length;
  const others = missed.filter(isSame).length;
  return {
    tries: hit.length + stuck.length + faults.length,
    "the same result": same,
    different: hit.length - same,
    stuck: stuck.length,
    lost: faults.length,
    "between two kills": `${missed.length}, the same result ${others}`,
    "slowest run": `${Math.max(0, ...hit.map(durationOf))} ms`,
  };
}

function killsOf({ kills, earlyKills, byHost, workerKills }: WorkflowNemesis): Outcome["figures"] {
  return {
    "coordinator killed": `${kills.length}, of these ${earlyKills} as it started: ${listed(byHost)}`,
    "workers killed": listed(workerKills),
  };
}

function executionsOf(verdict: WorkflowVerdict): Outcome["figures"] {
  const { executions, byWorkers, duplicates } = verdict;
  const share = ((100 * duplicates) / Math.max(1, executions)).toFixed(2);
  return {
    executions: `${executions}, by the workers ${listed(byWorkers)}`,
    "duplicate executions": `${duplicates} (${share} %)`,
  };
}

/** What is not as in the undisturbed run, part by part. */
function differencesOf(run: Ended, models: ReadonlyMap<number, Ended>): readonly string[] {
  const model = models.get(run.variant);
  const parts = ["state", "result", "error", "nodes", "within"] as const;
  return parts.flatMap((part) => {
    const [is, was] = [run.ending[part], model?.ending[part]];
    if (isDeepStrictEqual(is, was)) return [];
    const what = `${run.key} (${run.workflowId}): its ${part} is ${JSON.stringify(is)}`;
    return [`${what}, undisturbed ${JSON.stringify(was)}`];
  });
}

function told(faults: readonly string[]): readonly string[] {
  const more = faults.length - MAX_TOLD;
  return more > 0 ? [...faults.slice(0, MAX_TOLD), `and ${more} more`] : faults;
}

/** Some nodes can be worked on one host alone, so each of them has something to do. */
function idleHosts({ byWorkers }: WorkflowVerdict): readonly string[] {
  return hostNames.filter((host) => byWorkers[host] === 0).map((host) => `nothing ran on ${host}`);
}

const listed = (counts: Readonly<Record<HostName, number>>): string =>
  hostNames.map((host) => `${host} ${counts[host]}`).join(", ");

const durationOf = ({ requestedAt, finishedAt }: Ended): number => finishedAt - requestedAt;
