/** A queue of this process as the source of a worker's tasks. @module */

import { InputError } from "../errors.ts";
import { blockOf } from "../ipld/block.ts";
import type { Result } from "./commands/settle.ts";
import type { Queue } from "./queue.ts";
import type { Task } from "./task.ts";
import { isAble, type LeasedTask, type TaskSource } from "./task-source.ts";

/** Larger results are kept beside their task and told by their CID. */
export const MAX_INLINE_BYTES: number = 64 * 1024;

/** The workers' side of a queue. */
export function createLocalSource(queue: Queue, leaseMs: () => number): TaskSource {
  return {
    depth: (skills, waitMs, signal) =>
      queue.depth((needs) => isAble(skills, needs), waitMs, signal),
    async claim({ kinds, tools, abilities, max, waitMs, ...facts }, signal) {
      const skills = { kinds, tools, abilities };
      const can = (needs: Parameters<typeof isAble>[1]): boolean => isAble(skills, needs);
      const tasks = await queue.claim({ ...facts, max, waitMs, can }, signal);
      return { tasks: tasks.map(leasedOf), leaseMs: leaseMs() };
    },
    async heartbeat(facts, held) {
      const { lost, cancelRequested, drain } = await queue.heartbeat(facts, held);
      return { lost, cancelRequested, drain };
    },
    async complete({ id, token }, value) {
      await queue.complete(id, token, resultOf(value));
    },
    async fail({ id, token, ...failure }) {
      await queue.fail(id, token, failure);
    },
    async giveBack({ id, token }) {
      await queue.giveBack(id, token);
    },
    onCancel: (listener) => queue.onChange(({ spec, lease }) => lease?.cancel && listener(spec.id)),
    async progress({ id, token }, said) {
      await queue.progress(id, token, said);
    },
  };
}

function leasedOf(task: Task): LeasedTask {
  const { spec, token, attempts } = task;
  const { id, queue, generation, kind, tool, input, timeoutMs, caller } = spec;
  return {
    ...{ id, token, kind, input, timeoutMs, attempts, caller },
    ...(tool !== undefined && { tool }),
    idempotencyKey: `${queue}/${id}/${generation}`,
    ...heardOf(task),
  };
}

/** What the handler is to know of the rounds before this one. */
function heardOf({ spec: { opening }, dialogue }: Task): Partial<LeasedTask> {
  const client = opening?.client;
  const { answers, state } = dialogue ?? opening ?? {};
  return {
    ...(client && { client }),
    ...(answers && { inputResponses: answers }),
    ...(state !== undefined && { requestState: state }),
  };
}

/** A handler's value as it is stored; throws `invalid_input` where it is no JSON. */
export function resultOf(value: unknown): Result {
  const plain = plainOf(value);
  const { cid, bytes } = blockOf(plain);
  const result = { cid: cid.toString() };
  return bytes.length > MAX_INLINE_BYTES ? { ...result, bytes } : { ...result, value: plain };
}

/** JSON values only: what a handler returns has methods and gaps that no block can hold. */
function plainOf(value: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(value ?? null));
  } catch (cause) {
    throw new InputError("invalid_input", "The handler's result cannot be written as JSON", {
      cause,
    });
  }
}
