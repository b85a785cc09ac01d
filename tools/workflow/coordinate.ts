import * as v from "valibot";
import { defineTool, InputError, type RunAction, type Tool } from "../../src/tool.ts";
import { stateSchema } from "./run-schemas.ts";
import { answer, placeEntries, words, workflowIdSchema } from "./schemas.ts";

const NAME = "p2p_workflow_coordinate";

interface Wanted {
  readonly action: RunAction["action"];
  readonly node?: string | undefined;
  readonly payload?: unknown;
  readonly approved: boolean;
  readonly note?: string | undefined;
}

const refusal = (path: string, message: string): InputError =>
  new InputError("invalid_input", `"${NAME}": ${message}`, { data: { tool: NAME, path } });

/** What is to be done; throws where a part is missing, or is there and would not be heeded. */
function actionOf({ action, node, payload, approved, note }: Wanted): RunAction {
  if (payload !== undefined && action !== "signal") {
    throw refusal("/payload", `payload goes with signal: leave it out of ${action}`);
  }
  if (note !== undefined && action !== "approve") {
    throw refusal("/note", `note goes with approve: leave it out of ${action}`);
  }
  if (action === "pause" || action === "resume") {
    if (node === undefined) return { action };
    throw refusal("/node", `${action} is for the whole run: leave out node`);
  }
  if (node === undefined) {
    throw refusal("/node", `${action} needs node: the id of the node that waits for it`);
  }
  if (action === "approve") {
    return { action, node, isApproved: approved, ...(note !== undefined && { note }) };
  }
  return { action, node, ...(payload !== undefined && { payload }) };
}

/** Steer a run. */
export const workflowCoordinate: Tool = defineTool({
  name: NAME,
  title: "Steer a workflow",
  description: "Pause or resume a run, or give a waiting node its signal or approval",
  details:
    "pause lets what runs finish and begins nothing new. signal ends a node that waits for a " +
    "signal: payload is then $node.payload. approve ends one that waits for an approval, with " +
    "approved and note as $node.payload. p2p_workflow_status with include nodes says what waits.",
  input: v.object({
    ...placeEntries,
    workflowId: workflowIdSchema,
    action: v.picklist(["pause", "resume", "signal", "approve"]),
    node: v.optional(words(64, "Id of the node, for signal and approve")),
    payload: v.pipe(v.optional(v.unknown()), v.description("What comes with the signal")),
    approved: v.pipe(
      v.optional(v.boolean(), true),
      v.description("For approve: false is the answer no"),
    ),
    note: v.optional(words(500, "For approve: why")),
  }),
  output: v.object({ workflowId: v.string(), state: stateSchema }),
  // What waited goes on, and calls tools.
  annotations: { destructiveHint: false, idempotentHint: false, openWorldHint: true },
  routing: { runtime: "local" },
  example: {
    workflowId: "8d1f4c1e-5b0a-4f0e-9b7c-2f1f6f3f9a10",
    action: "approve",
    node: "gate",
    note: "numbers checked",
  },
  run: (input, context) =>
    answer(NAME, input, context, async (workflows, scope, { workflowId, ...wanted }) => {
      const { state } = await workflows.coordinate(scope, workflowId, actionOf(wanted));
      return { workflowId, state };
    }),
});
