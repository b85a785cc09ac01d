import * as v from "valibot";
import { defineTool, type Tool, waitInParts } from "../../src/tool.ts";
import { answer, placeEntries, taskIdSchema, whole } from "./schemas.ts";
import { outcomeSchema } from "./task-schemas.ts";

const NAME = "p2p_taskqueue_get_result";
const MAX_WAIT_MS = 60_000;
const WAITING: ReadonlySet<unknown> = new Set(["scheduled", "ready", "leased"]);

/** Get what became of a task. */
export const taskqueueGetResult: Tool = defineTool({
  name: NAME,
  title: "Get a task's result",
  description: "Get the result or error of a task, waiting for its end where asked to",
  details:
    "Without waitMs it answers at once with the state of the moment. A result of more than 64 KiB " +
    "is named by its CID. not_found: there is no such task of yours, or it is no longer kept.",
  input: v.object({
    ...placeEntries,
    taskId: taskIdSchema,
    waitMs: v.optional(whole(0, MAX_WAIT_MS, "How long to wait for the end, in ms"), 0),
  }),
  output: outcomeSchema,
  annotations: { readOnlyHint: true, openWorldHint: false },
  // Longer than the longest wait.
  routing: { runtime: "local", timeoutMs: MAX_WAIT_MS + 15_000 },
  example: { taskId: "8d1f4c1e-5b0a-4f0e-9b7c-2f1f6f3f9a10", waitMs: 10_000 },
  run: (input, context) =>
    waitInParts(input.waitMs, WAITING, (waitMs) =>
      answer(NAME, { ...input, waitMs }, context, (tasks, scope, { taskId }) =>
        tasks.outcome(scope, taskId, waitMs, context.signal),
      ),
    ),
});
