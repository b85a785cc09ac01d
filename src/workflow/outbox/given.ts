/** Calls as a peer is given them. @module */

import { type GivenTask, givenKey, MAX_GIVEN } from "../../queue/peer-queue.ts";
import type { Task } from "../../queue/task.ts";

/** Characters of inputs in one request, unless one call alone has more. */
const MAX_CHARACTERS = 1024 * 1024;

/** Whose calls they are; `head` is the CID of the log's last commit. */
export interface Giver {
  readonly owner: string;
  readonly queue: string;
  readonly head: string | undefined;
}

/** As many as fit into one request. */
export function batchOf(tasks: Iterable<Task>): readonly Task[] {
  const batch: Task[] = [];
  let characters = 0;
  for (const task of tasks) {
    characters += JSON.stringify(task.spec.input).length;
    const isFull = batch.length === MAX_GIVEN || characters > MAX_CHARACTERS;
    if (isFull && batch.length > 0) break;
    batch.push(task);
  }
  return batch;
}

/** The key under which the peer takes a call once. */
export function keyOf({ spec }: Task, { owner, queue }: Giver): string {
  return givenKey(owner, queue, spec.id);
}

/** A call, and what it follows from. */
export function givenOf(task: Task, from: Giver): GivenTask {
  const { tool = "", input, timeoutMs, maxAttempts, backoff, requires } = task.spec;
  const { owner, queue, head } = from;
  return {
    ...{ key: keyOf(task, from), tool, priority: task.priority },
    ...{ timeoutMs, maxAttempts, backoff, requires },
    // A call's input is an object: its schema says so.
    input: input as Readonly<Record<string, unknown>>,
    cites: head === undefined ? [] : [{ owner, queue, commit: head }],
  };
}
