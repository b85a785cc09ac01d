import * as v from "valibot";
import { defineTool, type Tool } from "../../src/tool.ts";
import { answer } from "./answer.ts";
import { stateSchema } from "./run-schemas.ts";
import { placeEntries, words, workflowIdSchema } from "./schemas.ts";

const NAME = "p2p_workflow_cancel";

/** Cancel a run. */
export const workflowCancel: Tool = defineTool({
  name: NAME,
  title: "Cancel a workflow",
  description:
    "Cancel a run: its nodes are stopped, and what they did is undone where they say how",
  details:
    "Nodes that have not begun never do; those that run are told to stop. Then, last first, the " +
    "compensate of each node that was done runs, while the state is ending. A run that is over " +
    "stays as it is.",
  input: v.object({
    ...placeEntries,
    workflowId: workflowIdSchema,
    reason: v.optional(words(500, "For its history")),
    compensate: v.pipe(
      v.optional(v.boolean(), true),
      v.description("Undo the nodes that were done"),
    ),
  }),
  output: v.object({
    workflowId: v.string(),
    state: stateSchema,
    cancelledNodes: v.array(v.string()),
  }),
  // Undoing calls tools.
  annotations: { destructiveHint: true, idempotentHint: true, openWorldHint: true },
  routing: { runtime: "local" },
  example: { workflowId: "8d1f4c1e-5b0a-4f0e-9b7c-2f1f6f3f9a10", reason: "no longer needed" },
  run: (input, context) =>
    answer(NAME, input, context, async (workflows, scope, { workflowId, ...options }) => {
      const { workflow, cancelledNodes } = await workflows.cancel(scope, workflowId, options);
      return { workflowId, state: workflow.state, cancelledNodes: [...cancelledNodes] };
    }),
});
