/** What a handler asks whoever submitted its task, and the answers to it. @module */

import { isWaiting, type Task, type TaskError, type TaskSpec, type Token } from "../task.ts";
import type { WorkingSet } from "../working-set.ts";

/** Questions, by key, and what the handler wants back with the answers. */
export interface Questions {
  readonly questions: Readonly<Record<string, unknown>>;
  readonly state?: string;
}

type Answers = Readonly<Record<string, unknown>>;

/** How long a task waits for answers. */
export const ANSWER_MS = 86_400_000;

/** A handler that asks more often asks for ever: rounds count as no attempts. */
export const MAX_ROUNDS = 100;

/** What a tool asks instead of a result: MCP's `input_required`. */
export function questionsIn({ kind }: TaskSpec, value: unknown): Questions | undefined {
  if (kind !== "tool" || typeof value !== "object" || value === null) return undefined;
  const { resultType, inputRequests, requestState } = value as Readonly<Record<string, unknown>>;
  if (resultType !== "input_required") return undefined;
  const questions = typeof inputRequests === "object" ? { ...inputRequests } : {};
  return { questions, ...(typeof requestState === "string" && { state: requestState }) };
}

/** The attempt ends with questions; one that asks nothing, and only wants its state back, goes on. */
export function ask(set: WorkingSet, task: Task, token: Token, asked: Questions): Task {
  const cancel = task.lease?.cancel;
  if (cancel) return set.record(task, { type: "cancelled", reason: cancel.reason });
  if ((task.dialogue?.round ?? 0) >= MAX_ROUNDS) {
    const message = `The handler asked ${MAX_ROUNDS} times and still does not know enough`;
    return end(set, task, { code: "tool_failed", message });
  }
  const waiting = set.record(task, { type: "asked", token, ...asked, until: set.now + ANSWER_MS });
  if (Object.keys(asked.questions).length > 0) return waiting;
  return set.record(waiting, { type: "answered", answers: {} });
}

/** Answers to some of its questions or all; what it does not ask, or no more, is left aside. */
export function answer(set: WorkingSet, task: Task, answers: Answers): Task {
  const open = task.dialogue?.open ?? {};
  const heard = Object.entries(answers).filter(([key]) => Object.hasOwn(open, key));
  if (!isWaiting(task) || heard.length === 0) return task;
  return set.record(task, { type: "answered", answers: Object.fromEntries(heard) });
}

/** Nobody answered in time. */
export function giveUpWaiting(set: WorkingSet, task: Task): Task {
  const questions = Object.keys(task.dialogue?.open ?? {});
  const hours = ANSWER_MS / 3_600_000;
  const message = `Nobody answered what the handler asked (${questions.join(", ")}) within ${hours} hours`;
  return end(set, task, { code: "deadline_exceeded", message, data: { questions } });
}

function end(set: WorkingSet, task: Task, error: TaskError): Task {
  const { token } = task;
  return set.record(task, { type: "failed", token, error, isRetryable: false, retryAt: set.now });
}
