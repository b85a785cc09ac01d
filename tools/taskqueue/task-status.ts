import * as v from "valibot";
import { defineTool, type Tool } from "../../src/tool.ts";
import { answer, placeEntries, taskIdSchema } from "./schemas.ts";
import { type TaskWithHistory, taskWithHistorySchema } from "./task-schemas.ts";

const NAME = "p2p_taskqueue_task_status";

/** Show a task. */
export const taskqueueTaskStatus: Tool = defineTool({
  name: NAME,
  title: "Show a task",
  description: "Show a task: state, attempts, lease, progress and times, with its history if asked",
  details:
    "history is every event of the task but its progress, each with the CID of its dag-cbor and " +
    "that of the commit that holds it. not_found: there is no such task of yours, or it is no longer kept.",
  input: v.object({
    ...placeEntries,
    taskId: taskIdSchema,
    history: v.optional(v.pipe(v.boolean(), v.description("With its events")), false),
  }),
  output: taskWithHistorySchema,
  annotations: { readOnlyHint: true, openWorldHint: false },
  routing: { runtime: "local" },
  example: { taskId: "8d1f4c1e-5b0a-4f0e-9b7c-2f1f6f3f9a10", history: true },
  run: (input, context) =>
    answer(NAME, input, context, async (tasks, scope, call): Promise<TaskWithHistory> => {
      const task = await tasks.task(scope, call.taskId);
      if (!call.history) return task;
      return { ...task, history: await tasks.history(scope, call.taskId) };
    }),
});
