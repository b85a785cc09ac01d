/** What a run did to a queue, read from its store, its log, and what its tasks did outside. @module */

import { DatabaseSync } from "node:sqlite";
import { openSqliteQueueStore } from "../../runtimes/shared/queue/sqlite-queue-store.ts";
import { emptyMeta, type QueueMeta, type QueueStore } from "../../src/queue/queue-store.ts";
import type { Task } from "../../src/queue/task.ts";
import { isFinal } from "../../src/queue/task.ts";
import { readLog } from "../simulation/queue/log-chain.ts";
import { miscounts } from "../simulation/queue/recount.ts";
import { effectsIn } from "../support/queue-processes.ts";
import type { Submissions } from "./submitters.ts";

/** Figures of a run; what is wrong beyond them stands in `faults`. */
export interface QueueVerdict {
  readonly acked: number;
  readonly finished: number;
  /** Acknowledged, and not there. */
  readonly lost: number;
  /** Acknowledged, and not over. */
  readonly stuck: number;
  readonly executions: number;
  readonly duplicates: number;
  /** Words of workers that had lost the task. */
  readonly stale: number;
  /** Tasks that were completed more than once. */
  readonly doubleCompletions: number;
  readonly events: number;
  readonly commits: number;
  readonly epochs: number;
  readonly faults: readonly string[];
}

const QUEUE = "default";
const ALL = Number.MAX_SAFE_INTEGER;

/** Judge the queue in `file`, which nobody has open. */
export async function judgeQueue(
  file: string,
  effects: string,
  { acked, faults: heard }: Submissions,
): Promise<QueueVerdict> {
  const integrity = integrityOf(file);
  const store = await openSqliteQueueStore(file);
  try {
    const meta = await metaOf(store);
    const tasks = await store.list({ queue: QUEUE, limit: ALL });
    const byId = new Map(tasks.map((task) => [task.spec.id, task]));
    const log = readLog(await store.log(QUEUE, { from: 0, to: ALL }), meta);
    const types = (type: string): readonly string[] =>
      log.events.flatMap(({ event }) => (event.type === type ? [event.task] : []));
    const executed = (await effectsIn(effects)).map(({ key }) => key.split("/")[1] ?? "");
    const known = acked.flatMap(({ taskId }) => byId.get(taskId) ?? []);
    const completed = types("completed");
    return {
      acked: acked.length,
      finished: known.filter(isFinal).length,
      lost: acked.length - known.length,
      stuck: known.filter((task) => !isFinal(task)).length,
      executions: executed.length,
      duplicates: executed.length - new Set(executed).size,
      stale: types("stale").length,
      doubleCompletions: completed.length - new Set(completed).size,
      ...{ events: log.events.length, commits: meta.commits, epochs: meta.epoch },
      faults: [
        ...heard,
        ...integrity,
        ...log.faults,
        ...miscounts(tasks, meta, new Map()),
        ...strangers(tasks, acked),
        ...unbelievable(tasks, acked, new Set(executed), new Set(completed)),
      ],
    };
  } finally {
    await store.close();
  }
}

/** What SQLite finds wrong with its file. */
export function integrityOf(file: string): readonly string[] {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const rows = database.prepare("PRAGMA integrity_check").all();
    const said = rows.map(({ integrity_check: one }) => String(one));
    return said.filter((one) => one !== "ok").map((one) => `integrity_check: ${one}`);
  } finally {
    database.close();
  }
}

/** What a queue's store keeps beside its tasks. */
export async function metaOf(store: QueueStore): Promise<QueueMeta> {
  const hints = { ids: [], keys: [], groups: [], lanes: [] };
  const meta = await store.transact(QUEUE, hints, (reader) => ({ answer: reader.meta() }));
  return meta ?? emptyMeta(QUEUE);
}

/** Every submission was insisted upon until its task was named: there are no others. */
function strangers(tasks: readonly Task[], acked: Submissions["acked"]): readonly string[] {
  const known = new Set(acked.map(({ taskId }) => taskId));
  const faults = known.size === acked.length ? [] : ["two keys were told the same task"];
  const unknown = tasks.filter(({ spec }) => !known.has(spec.id));
  return [...faults, ...unknown.map(({ spec }) => `${spec.idempotencyKey}: a second task of it`)];
}

/** What is done was executed, completed in the log, and has its own result. */
function unbelievable(
  tasks: readonly Task[],
  acked: Submissions["acked"],
  executed: ReadonlySet<string>,
  completed: ReadonlySet<string>,
): readonly string[] {
  const numbers = new Map(acked.map(({ taskId, n }) => [taskId, n]));
  return tasks.flatMap(({ spec: { id }, state, result, error }) => {
    if (state !== "done")
      return isFinalState(state) ? [`${id} is ${state}: ${error?.message}`] : [];
    const faults: string[] = [];
    if (!executed.has(id)) faults.push(`${id} is done, and was never executed`);
    if (!completed.has(id)) faults.push(`${id} is done, and the log does not know`);
    const { n } = (result ?? {}) as { readonly n?: unknown };
    if (n !== numbers.get(id)) faults.push(`${id} has the result of ${n}`);
    return faults;
  });
}

const isFinalState = (state: Task["state"]): boolean =>
  state === "failed" || state === "cancelled" || state === "dead";
