import * as v from "valibot";
import { defineTool, type Tool } from "../../src/tool.ts";
import { answer, placeEntries, taskIdSchema, whole } from "./schemas.ts";
import { number } from "./task-schemas.ts";

const NAME = "p2p_taskqueue_priority";

/** Change the priority of a task. */
export const taskqueuePriority: Tool = defineTool({
  name: NAME,
  title: "Change a task's priority",
  description: "Give a task that waits another priority, and tell its new place",
  details: "A task that runs or is over is refused with invalid_input.",
  input: v.object({
    ...placeEntries,
    taskId: taskIdSchema,
    priority: whole(0, 9, "9 goes first"),
  }),
  output: v.object({
    taskId: v.string(),
    oldPriority: v.number(),
    newPriority: v.number(),
    position: v.exactOptional(number("Its place among the tasks that the same workers can do")),
  }),
  annotations: { destructiveHint: false, idempotentHint: true, openWorldHint: false },
  routing: { runtime: "local" },
  example: { taskId: "8d1f4c1e-5b0a-4f0e-9b7c-2f1f6f3f9a10", priority: 9 },
  run: (input, context) =>
    answer(NAME, input, context, async (tasks, scope, { taskId, priority }) => {
      const { task, oldPriority, position } = await tasks.prioritize(scope, taskId, priority);
      const newPriority = task.priority;
      return {
        ...{ taskId, oldPriority, newPriority },
        ...(position !== undefined && { position }),
      };
    }),
});
