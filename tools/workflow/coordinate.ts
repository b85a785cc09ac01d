import * as v from "valibot";
import { defineTool, InputError, type RunAction, type Tool } from "../../src/tool.ts";
import { answer } from "./answer.ts";
import { coordinationSchema } from "./coordination-schema.ts";
import { FROM, reusedSchema, runAgain } from "./run-again.ts";
import { stateSchema } from "./run-schemas.ts";
import { placeEntries, words, workflowIdSchema } from "./schemas.ts";

const NAME = "p2p_workflow_coordinate";

const ACTIONS = [
  "pause",
  "resume",
  "signal",
  "approve",
  "reschedule",
  "handoff",
  "takeover",
] as const satisfies readonly (RunAction["action"] | "reschedule")[];

type Action = (typeof ACTIONS)[number];

interface Wanted {
  readonly action: Action;
  readonly node?: string | undefined;
  readonly payload?: unknown;
  readonly approved: boolean;
  readonly note?: string | undefined;
  readonly to?: string | undefined;
}

const refusal = (path: string, message: string): InputError =>
  new InputError("invalid_input", `"${NAME}": ${message}`, { data: { tool: NAME, path } });

/** What goes with which action; all else is refused, because nothing would heed it. */
const PARTS: Readonly<Record<Action, readonly (keyof Wanted)[]>> = {
  pause: [],
  resume: [],
  signal: ["node", "payload"],
  approve: ["node", "note"],
  reschedule: ["node"],
  handoff: ["to"],
  takeover: [],
};

function checkParts(wanted: Wanted): void {
  const { action } = wanted;
  for (const part of ["node", "payload", "note", "to"] as const) {
    if (wanted[part] === undefined || PARTS[action].includes(part)) continue;
    throw refusal(`/${part}`, `${part} does not go with ${action}: leave it out`);
  }
}

/** What is to be done with the run; throws where a part is missing. */
function actionOf(action: RunAction["action"], wanted: Wanted): RunAction {
  const { node, payload, approved, note, to } = wanted;
  if (action === "pause" || action === "resume" || action === "takeover") return { action };
  if (action === "handoff") {
    if (to !== undefined) return { action, to };
    throw refusal("/to", "handoff needs to: the peer that coordinates it from now on");
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
  description: "Pause, resume, answer, repeat a run, or move it to another server",
  details:
    "pause lets what runs finish and begins nothing new. signal ends a node that waits for a " +
    "signal: payload is then $node.payload. approve ends one that waits for an approval, with " +
    "approved and note as $node.payload. p2p_workflow_status with include nodes says what waits. " +
    "handoff lets the peer to, one of those that the run was submitted with, coordinate it from now " +
    "on. takeover, asked of one of them, does so without a coordinator that is gone; it takes a " +
    "majority of three or more. reschedule is p2p_workflow_reschedule: workflowId is the new run's.",
  input: v.object({
    ...placeEntries,
    workflowId: workflowIdSchema,
    action: v.picklist(ACTIONS),
    node: v.optional(words(64, `For signal and approve, what waits; for reschedule, ${FROM}`)),
    payload: v.pipe(v.optional(v.unknown()), v.description("What comes with the signal")),
    approved: v.pipe(
      v.optional(v.boolean(), true),
      v.description("For approve: false is the answer no"),
    ),
    note: v.optional(words(500, "For approve: why")),
    to: v.optional(words(1024, "For handoff: the peer, by its id, name or multiaddr")),
  }),
  output: v.object({
    workflowId: v.string(),
    state: stateSchema,
    coordination: v.exactOptional(coordinationSchema),
    previousWorkflowId: v.exactOptional(v.string()),
    reused: v.exactOptional(reusedSchema),
  }),
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
    // Whoever takes a run over is the one that is asked.
    answer(
      NAME,
      input,
      context,
      async (workflows, scope, { workflowId, ...wanted }) => {
        checkParts(wanted);
        if (wanted.action === "reschedule") {
          return runAgain(workflows, scope, workflowId, wanted.node);
        }
        const action = actionOf(wanted.action, wanted);
        const { state, coordination } = await workflows.coordinate(scope, workflowId, action);
        return { workflowId, state, ...(coordination && { coordination }) };
      },
      input.action === "takeover" ? "here" : "at its coordinator",
    ),
});
