import * as v from "valibot";
import { defineTool, type Tool } from "../../src/tool.ts";
import { answer, placeEntries, taskIdSchema } from "./schemas.ts";
import { number } from "./task-schemas.ts";

const NAME = "p2p_taskqueue_resubmit";

/** Submit a task again. */
export const taskqueueResubmit: Tool = defineTool({
  name: NAME,
  title: "Submit a task again",
  description: "Submit a task again that failed, was cancelled or is dead",
  details:
    "It becomes a new task with the same input; the old one stays as it is. Each call makes " +
    "another. Whatever is neither failed, cancelled nor dead is refused.",
  input: v.object({
    ...placeEntries,
    taskId: taskIdSchema,
    reset: v.optional(
      v.pipe(v.boolean(), v.description("With all its attempts again; else with one")),
      false,
    ),
  }),
  output: v.object({
    taskId: v.pipe(v.string(), v.description("Id of the new task")),
    previousTaskId: v.string(),
    generation: number("How often it was submitted again"),
  }),
  annotations: { destructiveHint: false, idempotentHint: false, openWorldHint: true },
  routing: { runtime: "local" },
  example: { taskId: "8d1f4c1e-5b0a-4f0e-9b7c-2f1f6f3f9a10", reset: true },
  run: (input, context) =>
    answer(NAME, input, context, async (tasks, scope, { taskId: id, reset }) => {
      const { task, previousTaskId, generation } = await tasks.resubmit(scope, id, reset);
      return { taskId: task.taskId, previousTaskId, generation };
    }),
});
