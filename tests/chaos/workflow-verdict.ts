/** What runs of workflows did to their queue, read from its store, its log, and what they did outside. @module */

import type { HostName } from "../../bench/hosts.ts";
import { openSqliteQueueStore } from "../../runtimes/shared/queue/sqlite-queue-store.ts";
import { isFinal, type Task } from "../../src/queue/task.ts";
import { readLog } from "../simulation/queue/log-chain.ts";
import { miscounts } from "../simulation/queue/recount.ts";
import { effectsIn } from "../support/queue-processes.ts";
import { integrityOf, metaOf } from "./queue-verdict.ts";
import type { Ended } from "./workflow-client.ts";

/** Figures of runs; what is wrong beyond them stands in `faults`. */
export interface WorkflowVerdict {
  readonly executions: number;
  /** Of those, the ones of workers, by their host. */
  readonly byWorkers: Readonly<Record<HostName, number>>;
  /** Beyond those of runs that nobody disturbed. */
  readonly duplicates: number;
  readonly events: string;
  readonly faults: readonly string[];
}

const QUEUE = "default";
const ALL = Number.MAX_SAFE_INTEGER;

/** What is judged. */
export interface WorkflowEvidence {
  /** Nobody has it open. */
  readonly queueFile: string;
  readonly effects: string;
  /** Every run that there was. */
  readonly runs: readonly Ended[];
  /** Runs that nobody disturbed, by variant. */
  readonly models: ReadonlyMap<number, Ended>;
  /** Processes that the coordinator was; others are workers. */
  readonly coordinators: ReadonlySet<number>;
}

/** Judge it. */
export async function judgeWorkflows(evidence: WorkflowEvidence): Promise<WorkflowVerdict> {
  const { queueFile, effects, runs, models, coordinators } = evidence;
  const lines = await effectsIn(effects);
  const calls = callsByRun(lines);
  const expected = runs.map(({ variant }) => calls.get(models.get(variant)?.key ?? "") ?? []);
  const { faults, events } = await readStore(queueFile, runs);
  const byWorkersOn = (name: HostName): number =>
    lines.filter(({ pid, host }) => host === name && !coordinators.has(pid)).length;
  return {
    executions: lines.length,
    byWorkers: { node: byWorkersOn("node"), bun: byWorkersOn("bun"), deno: byWorkersOn("deno") },
    duplicates: lines.length - expected.flat().length,
    events,
    faults: [...integrityOf(queueFile), ...faults, ...wrongCalls(runs, models, calls)],
  };
}

/** Calls, with those that were made again, by the key of their run. */
function callsByRun(
  lines: readonly { readonly key: string }[],
): ReadonlyMap<string, readonly string[]> {
  const grouped = Map.groupBy(lines, ({ key }) => key.split("/")[0] ?? "");
  return new Map(
    [...grouped].map(([run, lines]) => [run, lines.map(({ key }) => key.slice(run.length + 1))]),
  );
}

/** Every run makes each call of its model at least once, and no other. */
function wrongCalls(
  runs: readonly Ended[],
  models: ReadonlyMap<number, Ended>,
  calls: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const distinct = (key = ""): ReadonlySet<string> => new Set(calls.get(key));
  return runs.flatMap(({ key, variant }) => {
    const own = distinct(key);
    const model = distinct(models.get(variant)?.key);
    const missing = [...model.difference(own)].map((call) => `${key}: ${call} was never called`);
    const strange = [...own.difference(model)].map((call) => `${key}: ${call} was called`);
    return [...missing, ...strange];
  });
}

async function readStore(
  file: string,
  runs: readonly Ended[],
): Promise<{ readonly faults: readonly string[]; readonly events: string }> {
  const store = await openSqliteQueueStore(file);
  try {
    const meta = await metaOf(store);
    const tasks = await store.list({ queue: QUEUE, limit: ALL });
    const log = readLog(await store.log(QUEUE, { from: 0, to: ALL }), meta);
    const completed = log.events.flatMap(({ event }) =>
      event.type === "completed" ? [event.task] : [],
    );
    const twice = completed.length - new Set(completed).size;
    const known = new Set(runs.map(({ workflowId }) => workflowId));
    const isKnown = ({ spec }: Task): boolean => known.has(spec.id.split(".")[0] ?? "");
    const strangers = tasks.filter((task) => !isKnown(task));
    const left = tasks.filter((task) => isKnown(task) && !isFinal(task));
    return {
      events: `${log.events.length} in ${meta.commits} commits, ${meta.epoch} epochs`,
      faults: [
        ...log.faults,
        ...miscounts(tasks, meta, new Map()),
        ...(twice > 0 ? [`${twice} tasks were completed twice`] : []),
        ...strangers.map(({ spec }) => `${spec.id} is of no run that was acknowledged`),
        ...left.map(({ spec, state }) => `${spec.id} is ${state}, and its run is over`),
      ],
    };
  } finally {
    await store.close();
  }
}
