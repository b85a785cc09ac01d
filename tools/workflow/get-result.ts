import * as v from "valibot";
import { defineTool, type Tool, waitInParts } from "../../src/tool.ts";
import { answer, ELSE_HERE } from "./answer.ts";
import { outcomeSchema } from "./run-schemas.ts";
import {
  placeEntries,
  UNDER_WAY,
  WAIT_TIMEOUT_MS,
  waitMsSchema,
  workflowIdSchema,
} from "./schemas.ts";

const NAME = "p2p_workflow_get_result";

/** Get what became of a run. */
export const workflowGetResult: Tool = defineTool({
  name: NAME,
  title: "Get a workflow's result",
  description: "Get the result or error of a run, waiting for its end where asked to",
  details:
    "Without waitMs it answers at once with the state of the moment. result is the workflow's " +
    "output; where it names none, outputs has the results of the nodes that nobody comes after. " +
    "not_found: there is no such run of yours, or it is no longer kept.",
  input: v.object({ ...placeEntries, workflowId: workflowIdSchema, waitMs: waitMsSchema }),
  output: outcomeSchema,
  annotations: { readOnlyHint: true, openWorldHint: false },
  routing: { runtime: "local", timeoutMs: WAIT_TIMEOUT_MS },
  example: { workflowId: "8d1f4c1e-5b0a-4f0e-9b7c-2f1f6f3f9a10", waitMs: 10_000 },
  run: (input, context) =>
    waitInParts(input.waitMs, UNDER_WAY, (waitMs) =>
      answer(
        NAME,
        { ...input, waitMs },
        context,
        (workflows, scope, { workflowId }) =>
          workflows.outcome(scope, workflowId, waitMs, context.signal),
        ELSE_HERE,
      ),
    ),
});
