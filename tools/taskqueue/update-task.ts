import * as v from "valibot";
import { defineTool, InputError, type Tool } from "../../src/tool.ts";
import {
  answer,
  labelsSchema,
  placeEntries,
  progressSchema,
  taskIdSchema,
  tokenSchema,
} from "./schemas.ts";
import { taskSchema } from "./task-schemas.ts";

const NAME = "p2p_taskqueue_update_task";

/** Change what is told of a task. */
export const taskqueueUpdateTask: Tool = defineTool({
  name: NAME,
  title: "Update a task",
  description: "Set labels or a note of a task, or tell how far it has come",
  details:
    "labels are set beside those that it has. Progress is for the worker that holds the task: it " +
    "needs the token of the lease, extends it, and fails with lease_lost where the task is another's.",
  input: v.object({
    ...placeEntries,
    taskId: taskIdSchema,
    labels: v.pipe(v.optional(labelsSchema), v.description("Labels to set")),
    note: v.optional(v.pipe(v.string(), v.maxLength(2000), v.description("Any text for people"))),
    progress: v.optional(progressSchema),
    token: v.optional(tokenSchema),
  }),
  output: taskSchema,
  annotations: { destructiveHint: false, idempotentHint: true, openWorldHint: false },
  routing: { runtime: "local" },
  example: { taskId: "8d1f4c1e-5b0a-4f0e-9b7c-2f1f6f3f9a10", note: "waits for the new data" },
  run: (input, context) =>
    answer(NAME, input, context, (tasks, scope, { taskId, ...change }) => {
      const { labels, note, progress } = change;
      if (labels === undefined && note === undefined && progress === undefined) {
        const message = `"${NAME}" has nothing to change: give labels, note, or progress with token`;
        throw new InputError("invalid_input", message, {
          data: { tool: NAME, expected: ["labels", "note", "progress"] },
        });
      }
      return tasks.update(scope, taskId, change);
    }),
});
