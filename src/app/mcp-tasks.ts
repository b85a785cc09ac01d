/**
 * MCP's tasks in the task queue: a call is a task of the kind `tool` in the queue `default`, with one
 * attempt, because a call that failed has an answer.
 *
 * A worker that is lost does not count as one: the call is then made again, as every task is.
 *
 * @module
 */

import { MeshError } from "../errors.ts";
import type { EngineNeeds } from "../mcp/engine.ts";
import type { Extension } from "../mcp/extension.ts";
import { type CallTasksNeeds, createCallTasks } from "../mcp/tasks/call-tasks.ts";
import { createTasksExtension } from "../mcp/tasks/extension.ts";
import type { CallTask, NewCallTask, TaskSource } from "../mcp/tasks/task-source.ts";
import type { Caller } from "../registry/caller.ts";
import type { CallResult } from "../registry/result.ts";
import type { TaskInfo } from "../registry/task-views.ts";
import type { TaskScope, Tasks } from "../registry/tasks.ts";

/** What of the queue is needed. */
export type QueueOfCalls = Pick<
  Tasks,
  "submit" | "task" | "result" | "answer" | "cancel" | "watch"
>;

const QUEUE = "default";

/** Tells tasks that are calls from others, in lists. */
const LABELS = { origin: "mcp" } as const;

/** Tasks of MCP over the queue. */
export function createMcpTaskSource(tasks: QueueOfCalls): TaskSource {
  return new QueueTaskSource(tasks);
}

/** The engine's extensions, and how calls become tasks, where this server has queues. */
export function withMcpTasks(
  queues: { readonly tasks: QueueOfCalls; report(): { readonly state: string } },
  others: readonly Extension[],
  check: CallTasksNeeds["check"],
): Pick<EngineNeeds, "extensions" | "tasks"> {
  if (queues.report().state === "off") return { extensions: others };
  const source = createMcpTaskSource(queues.tasks);
  return {
    extensions: [...others, createTasksExtension(source)],
    tasks: createCallTasks({ source, check }),
  };
}

class QueueTaskSource implements TaskSource {
  readonly #tasks: QueueOfCalls;

  constructor(tasks: QueueOfCalls) {
    this.#tasks = tasks;
  }

  async submit({ tool, input, caller, timeoutMs, ...said }: NewCallTask): Promise<CallTask> {
    const { client, inputResponses: answers, requestState: state } = said;
    const opening = { client, ...(answers && { answers }), ...(state !== undefined && { state }) };
    const how = { timeoutMs, maxAttempts: 1, labels: LABELS };
    const request = { kind: "tool", tool, input, opening, ...how };
    // Once it is stored it is the queue's: the client that leaves now has a task all the same.
    const never = new AbortController().signal;
    const { task } = await this.#tasks.submit(scopeOf(caller), request, never);
    return callTaskOf(task);
  }

  async task(id: string, caller: Caller): Promise<CallTask | undefined> {
    const info = await this.#find(id, caller);
    if (info?.state !== "done") return info && callTaskOf(info);
    const result = await this.#tasks.result(scopeOf(caller), id);
    // What a worker stored for a tool is a `CallResult`.
    return { ...callTaskOf(info), result: result as CallResult };
  }

  async answer(
    id: string,
    caller: Caller,
    answers: Readonly<Record<string, unknown>>,
  ): Promise<boolean> {
    const info = await this.#find(id, caller);
    if (!info) return false;
    const { asks } = info;
    if (!asks) return true;
    const known = Object.entries(answers).flatMap(([key, answer]) => {
      const question = ownKey(key, asks.round);
      return question === undefined ? [] : [[question, answer] as const];
    });
    await this.#tasks.answer(scopeOf(caller), id, Object.fromEntries(known));
    return true;
  }

  async cancel(id: string, caller: Caller): Promise<boolean> {
    if (!(await this.#find(id, caller))) return false;
    const reason = "The client cancelled it";
    await this.#tasks.cancel(scopeOf(caller), id, { reason });
    return true;
  }

  watch(caller: Caller, changed: (id: string) => void, signal: AbortSignal): void {
    const tell = (info: TaskInfo): void => {
      if (isOf(caller, info)) changed(info.taskId);
    };
    this.#tasks.watch(scopeOf(caller), tell, signal);
  }

  /** An administrator sees all tasks elsewhere; here each is its caller's alone. */
  async #find(id: string, caller: Caller): Promise<TaskInfo | undefined> {
    try {
      const info = await this.#tasks.task(scopeOf(caller), id);
      return isOf(caller, info) ? info : undefined;
    } catch (error) {
      if (error instanceof MeshError && error.code === "not_found") return undefined;
      throw error;
    }
  }
}

const scopeOf = (caller: Caller): TaskScope => ({ caller, queue: QUEUE });

const isOf = (caller: Caller, { submittedBy, kind }: TaskInfo): boolean =>
  submittedBy === caller.id && kind === "tool";

/** No key may name two questions of a task, and handlers ask the same one again: rounds tell them apart. */
const wireKey = (key: string, round: number): string => `${round}.${key}`;

/** The inverse, for keys of this round. */
const ownKey = (key: string, round: number): string | undefined =>
  key.startsWith(`${round}.`) ? key.slice(`${round}.`.length) : undefined;

function callTaskOf(info: TaskInfo): CallTask {
  const { taskId, submittedAt, updatedAt, keptUntil, asks, error } = info;
  const state = stateOf(info);
  const message = messageOf(info);
  return {
    ...{ id: taskId, state, createdAt: submittedAt, updatedAt },
    ...(message !== undefined && { message }),
    ttlMs: keptUntil === undefined ? null : Date.parse(keptUntil) - Date.parse(submittedAt),
    ...(asks && { questions: questionsOf(asks) }),
    ...(state === "failed" && error && { error }),
  };
}

function questionsOf({
  round,
  questions,
}: NonNullable<TaskInfo["asks"]>): Readonly<Record<string, unknown>> {
  const entries = Object.entries(questions).map(([key, one]) => [wireKey(key, round), one]);
  return Object.fromEntries(entries);
}

function stateOf({ state, asks }: TaskInfo): CallTask["state"] {
  switch (state) {
    case "scheduled":
    case "ready":
    case "leased":
      return asks ? "waiting" : "working";
    case "failed":
    case "dead":
      return "failed";
    case "done":
    case "cancelled":
      return state;
  }
}

function messageOf({ state, asks, progress, error, stalls }: TaskInfo): string | undefined {
  if (asks) return `Waiting for ${Object.keys(asks.questions).length} answers`;
  switch (state) {
    case "scheduled":
    case "ready":
      return stalls > 0 ? "Waiting for another worker" : "Waiting for a worker";
    case "leased":
      return progress && progressText(progress);
    case "failed":
    case "dead":
    case "cancelled":
      return error?.message;
    case "done":
      return undefined;
  }
}

function progressText({ done, total, message }: NonNullable<TaskInfo["progress"]>): string {
  const share = total === undefined ? `${done}` : `${done} of ${total}`;
  return message === undefined ? share : `${message} (${share})`;
}
