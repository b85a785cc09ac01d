import * as v from "valibot";
import { type CallResult, defineTool, type TaskOutcome, type Tool } from "../../src/tool.ts";
import { answer, placeEntries, taskIdSchema, whole } from "./schemas.ts";
import { outcomeSchema } from "./task-schemas.ts";

const NAME = "p2p_taskqueue_get_result";
/** A server elsewhere has 30 s for an answer; a longer wait is several of them. */
const SLICE_MS = 20_000;
const MAX_WAIT_MS = 60_000;

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
  async run(input, context) {
    let leftMs = input.waitMs;
    for (;;) {
      const waitMs = Math.min(leftMs, SLICE_MS);
      const call = { ...input, waitMs };
      const outcome = await answer(NAME, call, context, (tasks, scope, { taskId }) =>
        tasks.outcome(scope, taskId, waitMs, context.signal),
      );
      leftMs -= waitMs;
      if (leftMs <= 0 || !isWaiting(outcome)) return outcome;
    }
  },
});

const WAITING: ReadonlySet<unknown> = new Set(["scheduled", "ready", "leased"]);

/** Whether the answer may be another one if it is asked for again. */
function isWaiting(outcome: TaskOutcome | CallResult): boolean {
  const facts = "content" in outcome ? outcome.structuredContent : outcome;
  return (
    typeof facts === "object" && facts !== null && "state" in facts && WAITING.has(facts.state)
  );
}
