import * as v from "valibot";
import {
  defineTool,
  type TaskScope,
  type Tool,
  type Workflows,
  waitInParts,
} from "../../src/tool.ts";
import { answer, ELSE_HERE } from "./answer.ts";
import { type RunStatus, runStatusSchema } from "./run-schemas.ts";
import {
  placeEntries,
  UNDER_WAY,
  WAIT_TIMEOUT_MS,
  waitMsSchema,
  workflowIdSchema,
} from "./schemas.ts";

const NAME = "p2p_workflow_status";

async function eventsIn(
  workflows: Workflows,
  scope: TaskScope,
  workflowId: string,
): Promise<Pick<RunStatus, "events" | "olderEvents">> {
  const { events, older } = await workflows.events(scope, workflowId);
  return { events, ...(older > 0 && { olderEvents: older }) };
}

/** Look at a run. */
export const workflowStatus: Tool = defineTool({
  name: NAME,
  title: "Look at a workflow",
  description: "Look at a run: its state, its nodes by state, its critical path, and more if asked",
  details:
    "include nodes adds every node with its state, task, worker, attempts and times; a node that " +
    "waits says for what. include result adds what get_result says. include events adds what the " +
    "log has of the run and its nodes, in its order: the newest 1000, without inputs and results. " +
    "not_found: there is no such run of yours.",
  input: v.object({
    ...placeEntries,
    workflowId: workflowIdSchema,
    include: v.pipe(
      v.optional(v.array(v.picklist(["nodes", "result", "events"])), []),
      v.description("What to add"),
    ),
    waitMs: waitMsSchema,
  }),
  output: runStatusSchema,
  annotations: { readOnlyHint: true, openWorldHint: false },
  routing: { runtime: "local", timeoutMs: WAIT_TIMEOUT_MS },
  example: { workflowId: "8d1f4c1e-5b0a-4f0e-9b7c-2f1f6f3f9a10", include: ["nodes"] },
  run: (input, context) =>
    waitInParts(input.waitMs, UNDER_WAY, (waitMs) =>
      answer(
        NAME,
        { ...input, waitMs },
        context,
        async (workflows, scope, call) => {
          const { workflowId, include } = call;
          await workflows.status(scope, workflowId, waitMs, context.signal);
          // Read after the wait and at once: run and nodes are of the same moment.
          const { workflow, nodes, criticalPath } = await workflows.dag(scope, workflowId);
          const { nodes: _, ...run } = workflow;
          const status: RunStatus = {
            ...run,
            criticalPath,
            ...(include.includes("nodes") && { nodes }),
            ...(include.includes("result") && {
              outcome: await workflows.outcome(scope, workflowId, 0, context.signal),
            }),
            ...(include.includes("events") && (await eventsIn(workflows, scope, workflowId))),
          };
          return status;
        },
        ELSE_HERE,
      ),
    ),
});
