/**
 * The JSON-RPC methods by which workers elsewhere take tasks: an extension of MCP, so that they come
 * over whatever carries MCP, with its limits, its cancellation and its callers.
 *
 * Each may be sent twice; the task and its token say what is meant.
 *
 * @module
 */

import * as v from "valibot";
import { AuthError } from "../errors.ts";
import type { Caller } from "../registry/caller.ts";
import { type Params, parsed, type QueueMethod, text, whole } from "./method.ts";
import type { TaskSource } from "./task-source.ts";

const texts = v.pipe(v.array(text), v.maxLength(10_000));
const token = v.object({ epoch: whole, attempt: whole });
const held = { id: text, token };
const facts = {
  worker: text,
  slots: v.exactOptional(whole),
  host: v.exactOptional(text),
  version: v.exactOptional(text),
};

const waitMs = v.pipe(v.number(), v.minValue(0), v.maxValue(60_000));
const skills = { kinds: texts, tools: v.union([v.literal("*"), texts]), abilities: texts };

const DepthSchema = v.object({ queue: text, ...skills, waitMs });
const ClaimSchema = v.object({
  ...facts,
  queue: text,
  ...skills,
  max: v.pipe(whole, v.minValue(1), v.maxValue(1_000)),
  waitMs,
});
const HeartbeatSchema = v.object({
  ...facts,
  queue: text,
  held: v.pipe(v.array(v.object(held)), v.maxLength(10_000)),
});
const CompleteSchema = v.object({ ...held, queue: text, result: v.unknown() });
const FailSchema = v.object({
  ...held,
  queue: text,
  error: v.object({
    code: text,
    message: v.pipe(v.string(), v.maxLength(65_536)),
    data: v.exactOptional(v.record(v.string(), v.unknown())),
  }),
  isRetryable: v.boolean(),
  retryAfterMs: v.exactOptional(whole),
});
const ReleaseSchema = v.object({ ...held, queue: text });
const ProgressSchema = v.object({
  ...held,
  queue: text,
  progress: v.exactOptional(
    v.object({
      done: v.number(),
      total: v.exactOptional(v.number()),
      message: v.exactOptional(v.pipe(v.string(), v.maxLength(4_096))),
    }),
  ),
  log: v.exactOptional(v.pipe(v.string(), v.maxLength(4_096))),
});

/** The methods over the sources of this server's queues. */
export function workerMethods(
  sourceOf: (queue: string) => Promise<TaskSource>,
): ReadonlyMap<string, QueueMethod> {
  return new Map<string, QueueMethod>([
    [
      "queue/depth",
      method(DepthSchema, async ({ queue, waitMs, ...skills }, { signal }) => {
        const source = await sourceOf(queue);
        return { depth: await source.depth(skills, waitMs, signal) };
      }),
    ],
    [
      "queue/claim",
      method(ClaimSchema, async ({ queue, ...claim }, { caller, signal }) => {
        const source = await sourceOf(queue);
        return { ...(await source.claim({ ...claim, worker: nameOf(caller, claim) }, signal)) };
      }),
    ],
    [
      "queue/heartbeat",
      method(HeartbeatSchema, async ({ queue, held: tasks, ...worker }, { caller }) => {
        const named = { ...worker, worker: nameOf(caller, worker) };
        return { ...(await (await sourceOf(queue)).heartbeat(named, tasks)) };
      }),
    ],
    [
      "queue/complete",
      method(CompleteSchema, async ({ queue, result, ...task }) => {
        await (await sourceOf(queue)).complete(task, result);
        return {};
      }),
    ],
    [
      "queue/fail",
      method(FailSchema, async ({ queue, ...failure }) => {
        await (await sourceOf(queue)).fail(failure);
        return {};
      }),
    ],
    [
      "queue/release",
      method(ReleaseSchema, async ({ queue, ...task }) => {
        await (await sourceOf(queue)).giveBack(task);
        return {};
      }),
    ],
    [
      "queue/progress",
      method(ProgressSchema, async ({ queue, id, token: current, ...said }) => {
        await (await sourceOf(queue)).progress({ id, token: current }, said);
        return {};
      }),
    ],
  ]);
}

/** Parse, and let in only who may work: a worker sees the inputs of everybody's tasks. */
function method<Schema extends v.GenericSchema>(
  schema: Schema,
  answer: (params: v.InferOutput<Schema>, context: Parameters<QueueMethod>[1]) => Promise<Params>,
): QueueMethod {
  return async (params, context) => {
    const { abilities } = context.caller.grant;
    if (!abilities.has("worker") && !abilities.has("admin")) throw mayNotWork(context.caller);
    return answer(parsed(schema, params), context);
  };
}

function mayNotWork({ id }: Caller): AuthError {
  return new AuthError(
    "capability_missing",
    `${id} may not work tasks here: for a peer, its owner adds the ability "worker" to a rule of mesh.allow; a key is made with it by mcpp key create --ability worker`,
    { data: { ability: "worker" } },
  );
}

/** Two callers cannot speak for each other's workers. */
function nameOf({ id }: Caller, { worker }: { readonly worker: string }): string {
  return id === "local" ? worker : `${id}/${worker}`;
}
