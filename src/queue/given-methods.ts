/**
 * The JSON-RPC methods by which peers give tasks to the queues of this server, and hear how they went:
 * of the same extension of MCP as {@link workerMethods}.
 *
 * @module
 */

import * as v from "valibot";
import { toBase64 } from "../ipld/base64.ts";
import type { GivenTasks } from "./given-tasks.ts";
import { parsed, type QueueMethod, text, whole } from "./method.ts";
import { MAX_ASKED, MAX_GIVEN, MAX_PROVEN } from "./peer-queue.ts";

const longText = v.pipe(v.string(), v.minLength(1), v.maxLength(512));
const citation = v.object({ owner: longText, queue: text, commit: text });
const ms = v.pipe(v.number(), v.minValue(0));

const GiveSchema = v.object({
  queue: text,
  tasks: v.pipe(
    v.array(
      v.object({
        key: longText,
        tool: text,
        input: v.record(v.string(), v.unknown()),
        priority: v.pipe(whole, v.maxValue(9)),
        timeoutMs: v.pipe(whole, v.minValue(1)),
        maxAttempts: v.pipe(whole, v.minValue(1), v.maxValue(1_000)),
        backoff: v.object({
          initialMs: ms,
          factor: v.pipe(v.number(), v.minValue(1), v.maxValue(100)),
          maxMs: ms,
          jitter: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
        }),
        requires: v.pipe(v.array(text), v.maxLength(64)),
        cites: v.pipe(v.array(citation), v.maxLength(64)),
      }),
    ),
    v.minLength(1),
    v.maxLength(MAX_GIVEN),
  ),
});
const taskIds = v.pipe(v.array(text), v.minLength(1), v.maxLength(MAX_ASKED));
const OutcomesSchema = v.object({
  queue: text,
  taskIds,
  waitMs: v.pipe(ms, v.maxValue(60_000)),
});
const WithdrawSchema = v.object({
  queue: text,
  taskIds,
  reason: v.pipe(v.string(), v.maxLength(4_096)),
});
const LogSchema = v.object({
  queue: text,
  keys: v.pipe(v.array(longText), v.minLength(1), v.maxLength(MAX_PROVEN)),
  from: whole,
});

/** The methods over the tasks that this server is given. */
export function givenMethods(open: () => Promise<GivenTasks>): ReadonlyMap<string, QueueMethod> {
  return new Map<string, QueueMethod>([
    [
      "queue/give",
      async (params, { caller }) => {
        const { queue, tasks } = parsed(GiveSchema, params);
        return { receipts: await (await open()).give(caller, queue, tasks) };
      },
    ],
    [
      "queue/outcomes",
      async (params, { caller, signal }) => {
        const { queue, taskIds: ids, waitMs } = parsed(OutcomesSchema, params);
        const given = await open();
        return { outcomes: await given.outcomes(caller, queue, ids, { waitMs, signal }) };
      },
    ],
    [
      "queue/withdraw",
      async (params, { caller }) => {
        const { queue, taskIds: ids, reason } = parsed(WithdrawSchema, params);
        await (await open()).withdraw(caller, queue, ids, reason);
        return {};
      },
    ],
    [
      "queue/log",
      async (params, { caller }) => {
        const { queue, keys, from } = parsed(LogSchema, params);
        const page = await (await open()).log(caller, queue, keys, from);
        return { ...page, blocks: page.blocks.map(toBase64) };
      },
    ],
  ]);
}
