/**
 * The queues of a server, by name, as tools and people see them: {@link Tasks} over {@link Queue}.
 *
 * Who may see a task is decided here: its submitter, and whoever has the ability `admin`.
 *
 * @module
 */

import { decode } from "@ipld/dag-cbor";
import type { Clock } from "../concurrency/clock.ts";
import { InputError } from "../errors.ts";
import type { Caller } from "../registry/caller.ts";
import type { TaskScope, Tasks } from "../registry/tasks.ts";
import { seesAll, seesTask, unknownTask } from "./access.ts";
import { beforeOf, momentOf } from "./moments.ts";
import type { Queue } from "./queue.ts";
import { statusOf } from "./queue-status.ts";
import type { QueueStore } from "./queue-store.ts";
import { newTaskOf, type TaskDefaults } from "./requests.ts";
import { isFinal, type Task } from "./task.ts";
import { historyOf, infoOf, outcomeOf, parseToken } from "./views.ts";

/** What the service needs. */
export interface TaskServiceNeeds {
  readonly store: QueueStore;
  /** The queue of this name, opened where need be. */
  readonly queue: (name: string) => Promise<Queue>;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly defaults: () => TaskDefaults;
  /** Who owns the queues of this server. */
  readonly owner: () => string;
  /** Throws where the caller may not use a tool, or there is none of this name. */
  readonly checkTool: (tool: string, caller: Caller) => Promise<void>;
  /** Stop the workers of this server, and start them again. */
  readonly workers: {
    drain(graceMs: number): Promise<{ readonly finished: number; readonly released: number }>;
  };
  readonly forward: Tasks["forward"];
}

/** How long a worker may take to heed a cancellation, where nobody says. */
const GRACE_MS = 10_000;
/** Tasks that are counted to tell a place in the order. */
const MAX_POSITION = 1_000;

/** Tasks over queues. */
export function createTaskService(needs: TaskServiceNeeds): Tasks {
  return new TaskService(needs);
}

class TaskService implements Tasks {
  readonly #needs: TaskServiceNeeds;

  constructor(needs: TaskServiceNeeds) {
    this.#needs = needs;
  }

  get forward(): Tasks["forward"] {
    return this.#needs.forward;
  }

  elsewhere: Tasks["elsewhere"] = async () => undefined;

  submit: Tasks["submit"] = async ({ caller, queue: name }, request) => {
    const { clock, newId, defaults, checkTool, owner } = this.#needs;
    if (request.kind === "tool" && request.tool !== undefined) {
      await checkTool(request.tool, caller);
    }
    const about = { id: newId(), queue: name, caller, now: clock.now(), defaults: defaults() };
    const wanted = newTaskOf(request, about);
    const queue = await this.#needs.queue(name);
    const { task, isDuplicate } = await queue.submit(wanted);
    const position = await this.#positionOf(task);
    return {
      task: infoOf(task),
      isDuplicate,
      owner: owner(),
      ...(position !== undefined && { position }),
    };
  };

  status: Tasks["status"] = async ({ queue: name }, isDetailed) => {
    const { store, clock, owner } = this.#needs;
    const queue = await this.#needs.queue(name);
    return statusOf(queue, { store, now: clock.now(), owner: owner(), isDetailed });
  };

  task: Tasks["task"] = async (scope, id) => {
    const queue = await this.#needs.queue(scope.queue);
    const task = await this.#find(queue, scope, id);
    const { log } = task;
    return { ...infoOf(task, queue.leaseLeftMs(id)), ...(log.length > 0 && { log }) };
  };

  history: Tasks["history"] = async (scope, id) => {
    const queue = await this.#needs.queue(scope.queue);
    const task = await this.#find(queue, scope, id);
    const numbers = task.events;
    const range = { from: numbers[0] ?? 0, to: numbers.at(-1) ?? -1 };
    return historyOf(task, await this.#needs.store.log(scope.queue, range));
  };

  outcome: Tasks["outcome"] = async (scope, id, waitMs, signal) => {
    const queue = await this.#needs.queue(scope.queue);
    await this.#find(queue, scope, id);
    const task = await queue.settled(id, waitMs, signal);
    return outcomeOf(task ?? (await this.#find(queue, scope, id)), this.#needs.clock.now());
  };

  result: Tasks["result"] = async (scope, id) => {
    const queue = await this.#needs.queue(scope.queue);
    const { result, resultCid } = await this.#find(queue, scope, id);
    if (result !== undefined || resultCid === undefined) return result;
    const bytes = await this.#needs.store.blob(resultCid);
    return bytes && decode(bytes);
  };

  list: Tasks["list"] = async ({ caller, queue: name }, query) => {
    const { state, kind, label, groupKey, since, limit, cursor } = query;
    const queue = await this.#needs.queue(name);
    const before = cursor === undefined ? undefined : beforeOf(cursor);
    const tasks = await queue.list({
      limit: limit + 1,
      ...(state !== undefined && { states: [state] }),
      ...(kind !== undefined && { kind }),
      ...(label !== undefined && { label }),
      ...(groupKey !== undefined && { groupKey }),
      ...(since !== undefined && { since: momentOf("since", since) }),
      ...(before !== undefined && { before }),
      ...(!seesAll(caller) && { caller: caller.id }),
    });
    const page = tasks.slice(0, limit);
    const last = page.at(-1);
    return {
      tasks: page.map((task) => infoOf(task, queue.leaseLeftMs(task.spec.id))),
      ...(tasks.length > limit && last && { nextCursor: String(last.seq) }),
      asOf: new Date(this.#needs.clock.now()).toISOString(),
      stale: false,
    };
  };

  cancel: Tasks["cancel"] = async (scope, id, { reason = "cancelled", graceMs = GRACE_MS }) => {
    const queue = await this.#needs.queue(scope.queue);
    await this.#find(queue, scope, id);
    return infoOf(await queue.cancel(id, reason, graceMs), queue.leaseLeftMs(id));
  };

  update: Tasks["update"] = async (scope, id, { labels, note, progress, token }) => {
    const queue = await this.#needs.queue(scope.queue);
    await this.#find(queue, scope, id);
    if (progress) {
      if (token === undefined) {
        throw new InputError(
          "invalid_input",
          "Progress is for the worker that holds the task to tell: give the token of its lease",
        );
      }
      await queue.progress(id, parseToken(token), { progress });
    }
    const change = { ...(labels && { labels }), ...(note !== undefined && { note }) };
    const task =
      labels || note !== undefined
        ? await queue.update(id, change)
        : await this.#find(queue, scope, id);
    return infoOf(task, queue.leaseLeftMs(id));
  };

  answer: Tasks["answer"] = async (scope, id, answers) => {
    const queue = await this.#needs.queue(scope.queue);
    await this.#find(queue, scope, id);
    return infoOf(await queue.answer(id, answers));
  };

  resubmit: Tasks["resubmit"] = async (scope, id, isFresh) => {
    const queue = await this.#needs.queue(scope.queue);
    await this.#find(queue, scope, id);
    const task = await queue.resubmit(id, { newId: this.#needs.newId(), isFresh });
    return { task: infoOf(task), previousTaskId: id, generation: task.spec.generation };
  };

  prioritize: Tasks["prioritize"] = async (scope, id, priority) => {
    const queue = await this.#needs.queue(scope.queue);
    const { priority: oldPriority } = await this.#find(queue, scope, id);
    const task = await queue.prioritize(id, priority);
    const position = await this.#positionOf(task);
    return { task: infoOf(task), oldPriority, ...(position !== undefined && { position }) };
  };

  workers: Tasks["workers"] = async ({ queue: name }, worker) => {
    const queue = await this.#needs.queue(name);
    return queue.workers(worker);
  };

  heartbeat: Tasks["heartbeat"] = async ({ queue: name }, worker, leases) => {
    const queue = await this.#needs.queue(name);
    const held = leases.map(({ taskId, token }) => ({ id: taskId, token: parseToken(token) }));
    return queue.heartbeat({ worker }, held);
  };

  shutdown: Tasks["shutdown"] = async ({ queue: name }, { drain, graceMs }) => {
    const queue = await this.#needs.queue(name);
    queue.drain();
    const { finished, released } = await this.#needs.workers.drain(drain ? graceMs : 0);
    return { finished, released, state: "drained" };
  };

  watch: Tasks["watch"] = ({ caller, queue: name }, changed, signal) => {
    void this.#needs.queue(name).then((queue) => {
      if (signal.aborted) return;
      const stop = queue.onChange((task) => {
        if (seesTask(caller, task)) changed(infoOf(task, queue.leaseLeftMs(task.spec.id)));
      });
      signal.addEventListener("abort", stop, { once: true });
    });
  };

  /** Claimable tasks before it, plus one; unknown where it is not claimable, or far behind. */
  async #positionOf(task: Task): Promise<number | undefined> {
    if (task.state !== "ready" || task.isHeld || isFinal(task)) return undefined;
    const ahead = await this.#needs.store.ahead(task, MAX_POSITION);
    return ahead < MAX_POSITION ? ahead + 1 : undefined;
  }

  async #find(queue: Queue, { caller }: TaskScope, id: string): Promise<Task> {
    const task = await queue.task(id);
    if (task && seesTask(caller, task)) return task;
    throw unknownTask(id, queue.name);
  }
}
