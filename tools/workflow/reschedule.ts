import * as v from "valibot";
import { defineTool, type Tool } from "../../src/tool.ts";
import { answer } from "./answer.ts";
import { FROM, reusedSchema, runAgain } from "./run-again.ts";
import { stateSchema, text } from "./run-schemas.ts";
import { placeEntries, words, workflowIdSchema } from "./schemas.ts";

const NAME = "p2p_workflow_reschedule";

/** Run a workflow again. */
export const workflowReschedule: Tool = defineTool({
  name: NAME,
  title: "Run a workflow again",
  description: "Run a workflow again, without the finished nodes whose calls would be the same",
  details:
    "Makes a new run; the old one stays as it is. Nodes that were done are taken over with their " +
    "results as long as their calls are the same. With from, that node and all that come after " +
    "it run again, done or not.",
  input: v.object({
    ...placeEntries,
    workflowId: workflowIdSchema,
    from: v.optional(words(64, FROM)),
  }),
  output: v.object({
    workflowId: text("Id of the new run"),
    previousWorkflowId: v.string(),
    state: stateSchema,
    reused: reusedSchema,
  }),
  annotations: { destructiveHint: false, idempotentHint: false, openWorldHint: true },
  routing: { runtime: "local" },
  example: { workflowId: "8d1f4c1e-5b0a-4f0e-9b7c-2f1f6f3f9a10", from: "fetch" },
  run: (input, context) =>
    answer(NAME, input, context, (workflows, scope, { workflowId, from }) =>
      runAgain(workflows, scope, workflowId, from),
    ),
});
