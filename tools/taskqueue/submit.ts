import * as v from "valibot";
import { defineTool, InputError, type Tool } from "../../src/tool.ts";
import {
  abilitiesSchema,
  answer,
  labelsSchema,
  moment,
  placeEntries,
  whole,
  words,
} from "./schemas.ts";
import { number, stateSchema } from "./task-schemas.ts";

const NAME = "p2p_taskqueue_submit";
const DAY_MS = 86_400_000;

const backoffSchema = v.object({
  initialMs: v.optional(whole(0, DAY_MS, "Before the second attempt")),
  factor: v.optional(
    v.pipe(v.number(), v.minValue(1), v.maxValue(100), v.description("Longer each time by this")),
  ),
  maxMs: v.optional(whole(0, DAY_MS, "Never longer")),
  jitter: v.optional(
    v.pipe(v.number(), v.minValue(0), v.maxValue(1), v.description("Share that chance decides")),
  ),
});

const rateSchema = v.object({
  count: whole(1, 1_000_000, "Starts"),
  perMs: whole(1, DAY_MS, "in this time"),
});

/** Submit a task. */
export const taskqueueSubmit: Tool = defineTool({
  name: NAME,
  title: "Submit a task",
  description: "Submit a task, such as a tool call, that is run later, again where it fails",
  details:
    "The answer comes when the task is durable. It runs at least once: a worker that is lost may " +
    "have run it already, so tools with effects get the task's idempotency key. The tool runs with " +
    "the rights of whoever submits. Left out, times and attempts are the server's: 3 attempts, " +
    "unless its settings say else. queue_full: the backlog is at its bound; try again later. " +
    "duplicate_task: the idempotency key is of another task. Read the result with " +
    "p2p_taskqueue_get_result.",
  input: v.object({
    ...placeEntries,
    kind: v.optional(
      words(128, "tool calls a tool; any other kind is for workers that know it"),
      "tool",
    ),
    tool: v.optional(words(128, "The tool to call, for the kind tool")),
    input: v.optional(v.pipe(v.record(v.string(), v.unknown()), v.description("Its parameters"))),
    priority: v.optional(whole(0, 9, "9 goes first"), 5),
    runAt: v.optional(moment("Not before this moment, ISO 8601")),
    timeoutMs: v.optional(whole(1, 7 * DAY_MS, "Time for one attempt, in ms")),
    maxAttempts: v.optional(whole(1, 1000, "Attempts before it is dead")),
    backoff: v.pipe(v.optional(backoffSchema), v.description("Wait between attempts, in ms")),
    idempotencyKey: v.optional(
      words(256, "The same key again answers with the same task, as long as it is known"),
    ),
    groupKey: v.optional(words(256, "Groups share the workers fairly; limits are per group")),
    groupLimit: v.optional(whole(1, 1_000_000, "Tasks of the group that run at once")),
    groupRate: v.pipe(v.optional(rateSchema), v.description("How often tasks of the group start")),
    session: v.optional(words(256, "Rather by the worker that had the last task of the session")),
    labels: v.pipe(v.optional(labelsSchema), v.description("To find it in lists")),
    requires: v.pipe(v.optional(abilitiesSchema), v.description("What its worker must be able to")),
    resultTtlMs: v.optional(
      whole(1000, 366 * DAY_MS, "How long it is kept once it is over, in ms"),
    ),
    cron: v.optional(words(128, "It comes back at the moments of this cron expression")),
    timezone: v.optional(words(64, "IANA time zone of cron; UTC unless given")),
  }),
  output: v.object({
    taskId: v.string(),
    state: stateSchema,
    queue: v.string(),
    owner: v.string(),
    duplicate: v.pipe(v.boolean(), v.description("It was there already, under this key")),
    position: v.exactOptional(number("Its place among the tasks that the same workers can do")),
  }),
  annotations: { destructiveHint: false, idempotentHint: false, openWorldHint: true },
  routing: { runtime: "local" },
  example: { tool: "monitoring_health", input: {}, priority: 5, labels: { team: "ops" } },
  run: (input, context) =>
    answer(NAME, input, context, async (tasks, scope, request) => {
      if (request.timezone !== undefined && request.cron === undefined) {
        throw new InputError("invalid_input", "timezone is that of cron: give both or neither");
      }
      const submitted = await tasks.submit(scope, request, context.signal);
      const { task, isDuplicate: duplicate, owner, position } = submitted;
      const { taskId, state, queue } = task;
      return {
        ...{ taskId, state, queue, owner, duplicate },
        ...(position !== undefined && { position }),
      };
    }),
});
