/** Tasks that peers give to the queues of this server: the other side of {@link PeerQueue}. @module */

import { decode } from "@ipld/dag-cbor";
import type { Clock } from "../concurrency/clock.ts";
import { MeshError, reportOf } from "../errors.ts";
import type { Caller } from "../registry/caller.ts";
import { seesTask } from "./access.ts";
import { logPage, spanOf } from "./log-page.ts";
import type { GivenLog, GivenOutcome, GivenTask, Receipt } from "./peer-queue.ts";
import type { Queue } from "./queue.ts";
import type { LogEntry, QueueStore } from "./queue-store.ts";
import { newTaskOf, type TaskDefaults } from "./requests.ts";
import { isFinal, type Task } from "./task.ts";

/** What giving needs. */
export interface GivenTasksNeeds {
  readonly store: Pick<QueueStore, "log" | "blob" | "digest">;
  readonly queue: (name: string) => Promise<Queue>;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly defaults: () => TaskDefaults;
  /** Who owns the queues of this server. */
  readonly owner: () => string;
  /** Throws where the caller may not use a tool, or there is none of this name. */
  readonly checkTool: (tool: string, caller: Caller) => Promise<void>;
}

/** How long a worker may take to heed that its task was withdrawn. */
const GRACE_MS = 10_000;
/** Bytes of results, or of blocks, in one answer; what is left comes with the next. */
const MAX_ANSWER_BYTES = 1024 * 1024;

/** Takes tasks of peers, with the rights that those have here. */
export class GivenTasks {
  readonly #needs: GivenTasksNeeds;

  constructor(needs: GivenTasksNeeds) {
    this.#needs = needs;
  }

  /** Each is taken or refused by itself. */
  async give(
    caller: Caller,
    name: string,
    tasks: readonly GivenTask[],
  ): Promise<readonly Receipt[]> {
    await this.#needs.checkTool("p2p_taskqueue_submit", caller);
    const queue = await this.#needs.queue(name);
    return Promise.all(tasks.map((task) => this.#take(caller, queue, task)));
  }

  async #take(caller: Caller, queue: Queue, { key, cites, ...asked }: GivenTask): Promise<Receipt> {
    const { clock, newId, defaults, checkTool } = this.#needs;
    try {
      await checkTool(asked.tool, caller);
      const about = { id: newId(), queue: queue.name, caller, now: clock.now() };
      const wanted = newTaskOf(
        { kind: "tool", ...asked, idempotencyKey: key },
        { ...about, defaults: defaults() },
      );
      const { task } = await queue.submit({ ...wanted, spec: { ...wanted.spec, cites } });
      return { key, taskId: task.spec.id };
    } catch (error) {
      if (!(error instanceof MeshError)) throw error;
      return { key, error: reportOf(error), isRetryable: error.retryable };
    }
  }

  /** Those that are over; waits up to `waitMs` for the first. What another gave is lost to the caller. */
  async outcomes(
    caller: Caller,
    name: string,
    ids: readonly string[],
    { waitMs, signal }: { readonly waitMs: number; readonly signal: AbortSignal },
  ): Promise<readonly GivenOutcome[]> {
    const queue = await this.#needs.queue(name);
    await anySettled(queue, ids, waitMs, signal);
    const outcomes: GivenOutcome[] = [];
    const commits: LogEntry[] = [];
    let bytes = 0;
    for (const id of ids) {
      const task = await queue.task(id);
      if (!task || !seesTask(caller, task)) outcomes.push(lost(id));
      else if (isFinal(task)) {
        const outcome = await this.#outcomeOf(task, commits);
        bytes += JSON.stringify(outcome).length;
        if (outcomes.length > 0 && bytes > MAX_ANSWER_BYTES) break;
        outcomes.push(outcome);
      }
    }
    return outcomes;
  }

  /** `commits` are those that were read before: tasks often end together. */
  async #outcomeOf(task: Task, commits: LogEntry[]): Promise<GivenOutcome> {
    const { spec, state, result, resultCid, error, worker, startedAt, attempts } = task;
    const { store, owner } = this.#needs;
    const bytes = result === undefined && resultCid !== undefined && (await store.blob(resultCid));
    const last = task.events.at(-1) ?? 0;
    let entry = commits.find((commit) => commit.first <= last && last <= commit.last);
    if (!entry) {
      [entry] = await store.log(spec.queue, { from: last, to: last });
      if (entry) commits.push(entry);
    }
    return {
      ...{ taskId: spec.id, state: state as GivenOutcome["state"], attempts },
      ...(state === "done" && { result: bytes ? decode(bytes) : result }),
      ...(error && state !== "done" && { error }),
      ...(worker !== undefined && { worker }),
      ...(startedAt !== undefined && { startedAt }),
      cites: entry ? [{ owner: owner(), queue: spec.queue, commit: entry.cid }] : [],
    };
  }

  /** What the log says, from this event on, of tasks that the caller gave, by the keys that it gave them. */
  async log(
    caller: Caller,
    name: string,
    keys: readonly string[],
    from: number,
  ): Promise<GivenLog> {
    const queue = await this.#needs.queue(name);
    const tasks = await queue.run((set) => keys.map((key) => set.byKey(key)), { keys });
    const own = tasks.map((task) => (task && seesTask(caller, task) ? task : undefined));
    const unknown = keys.filter((_, at) => !own[at]);
    const numbers = new Set(own.flatMap((task) => task?.events ?? []));
    const span = spanOf(numbers);
    const range = { ...span, queue: name, from: Math.max(from, span.from) };
    const page = await logPage(this.#needs.store, range, numbers, MAX_ANSWER_BYTES);
    return { ...page, unknown };
  }

  /** Cancel what the caller gave. */
  async withdraw(
    caller: Caller,
    name: string,
    ids: readonly string[],
    reason: string,
  ): Promise<void> {
    const queue = await this.#needs.queue(name);
    for (const id of ids) {
      const task = await queue.task(id);
      if (task && seesTask(caller, task)) await queue.cancel(id, reason, GRACE_MS);
    }
  }
}

function lost(taskId: string): GivenOutcome {
  return { taskId, state: "lost", attempts: 0, cites: [] };
}

/** Resolves when one of the tasks is over, or is not there, or after `waitMs`. */
async function anySettled(
  queue: Queue,
  ids: readonly string[],
  waitMs: number,
  signal: AbortSignal,
): Promise<void> {
  const over = new AbortController();
  const stop = AbortSignal.any([signal, over.signal]);
  const settled = ids.map((id) =>
    queue.settled(id, waitMs, stop).catch((error: unknown) => {
      if (!over.signal.aborted) throw error;
    }),
  );
  try {
    await Promise.race(settled);
  } finally {
    over.abort();
  }
}
