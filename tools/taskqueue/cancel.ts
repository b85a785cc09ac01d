import * as v from "valibot";
import { defineTool, type Tool } from "../../src/tool.ts";
import { answer, placeEntries, taskIdSchema, whole, words } from "./schemas.ts";
import { stateSchema } from "./task-schemas.ts";

const NAME = "p2p_taskqueue_cancel";

/** Cancel a task. */
export const taskqueueCancel: Tool = defineTool({
  name: NAME,
  title: "Cancel a task",
  description: "Cancel a task: at once while it waits, by asking its worker while it runs",
  details:
    "A running task's handler is told to stop; after graceMs the task is taken from its worker, " +
    "whatever that one still does. A task that is over stays as it is: what came first counts.",
  input: v.object({
    ...placeEntries,
    taskId: taskIdSchema,
    reason: v.optional(words(500, "For its history")),
    graceMs: v.optional(whole(0, 3_600_000, "Time for its worker to stop, in ms; else 10 s")),
  }),
  output: v.object({
    taskId: v.string(),
    state: stateSchema,
    requested: v.pipe(v.boolean(), v.description("Its worker was asked and has not ended yet")),
  }),
  annotations: { destructiveHint: true, idempotentHint: true, openWorldHint: false },
  routing: { runtime: "local" },
  example: { taskId: "8d1f4c1e-5b0a-4f0e-9b7c-2f1f6f3f9a10", reason: "no longer needed" },
  run: (input, context) =>
    answer(NAME, input, context, async (tasks, scope, { taskId, reason, graceMs }) => {
      const { state, lease } = await tasks.cancel(scope, taskId, { reason, graceMs });
      return { taskId, state, requested: lease?.isCancelling ?? false };
    }),
});
