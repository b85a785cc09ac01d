/** Commands that change how a run of a workflow goes on. @module */

import type { CliContext } from "../context.ts";
import { oneLine } from "../output.ts";
import { readJson } from "../read-json.ts";
import { withServer } from "../server-access.ts";
import { readTouchedRun } from "../workflow-answers.ts";
import type {
  ApproveFlags,
  CancelRunFlags,
  RescheduleFlags,
  RunFlags,
  SignalFlags,
} from "../workflow-flags.ts";
import { placeOf } from "./tasks.ts";

/** `mcpp workflow cancel <workflow>`. */
export function cancelRun(
  this: CliContext,
  flags: CancelRunFlags,
  workflowId: string,
): Promise<void> {
  const { reason, compensate } = flags;
  const input = { workflowId, compensate, ...(reason !== undefined && { reason }) };
  return steer(this, flags, "p2p_workflow_cancel", input);
}

/** `mcpp workflow signal <workflow> <node>`. */
export function signalNode(
  this: CliContext,
  flags: SignalFlags,
  workflowId: string,
  node: string,
): Promise<void> {
  const { payload } = flags;
  const given = payload === undefined ? {} : { payload: readJson("--payload", payload) };
  return coordinate(this, flags, { workflowId, action: "signal", node, ...given });
}

/** `mcpp workflow approve <workflow> <node>`. */
export function approveNode(
  this: CliContext,
  flags: ApproveFlags,
  workflowId: string,
  node: string,
): Promise<void> {
  const { no, note } = flags;
  const given = { approved: !no, ...(note !== undefined && { note }) };
  return coordinate(this, flags, { workflowId, action: "approve", node, ...given });
}

/** `mcpp workflow pause <workflow>`. */
export function pauseRun(this: CliContext, flags: RunFlags, workflowId: string): Promise<void> {
  return coordinate(this, flags, { workflowId, action: "pause" });
}

/** `mcpp workflow resume <workflow>`. */
export function resumeRun(this: CliContext, flags: RunFlags, workflowId: string): Promise<void> {
  return coordinate(this, flags, { workflowId, action: "resume" });
}

/** `mcpp workflow handoff <workflow> <peer>`. */
export function handOffRun(
  this: CliContext,
  flags: RunFlags,
  workflowId: string,
  to: string,
): Promise<void> {
  return coordinate(this, flags, { workflowId, action: "handoff", to });
}

/** `mcpp workflow takeover <workflow>`. */
export function takeOverRun(this: CliContext, flags: RunFlags, workflowId: string): Promise<void> {
  return coordinate(this, flags, { workflowId, action: "takeover" });
}

/** `mcpp workflow reschedule <workflow>`. */
export function rescheduleRun(
  this: CliContext,
  flags: RescheduleFlags,
  workflowId: string,
): Promise<void> {
  const { output } = this;
  const { from } = flags;
  const input = { ...placeOf(flags), workflowId, ...(from !== undefined && { from }) };
  return withServer(this, flags, async (server) => {
    const answer = await server.call("p2p_workflow_reschedule", input);
    if (flags.json) return output.json(answer);
    const { workflowId: id, reused } = answer as { workflowId?: unknown; reused?: unknown };
    await output.result(oneLine(`${id}`));
    const kept = Array.isArray(reused) && reused.length > 0 ? ` of it: ${reused.join(", ")}` : "";
    await output.talk(`what is done and did not change is taken over${oneLine(kept)}`);
  });
}

const coordinate = (context: CliContext, flags: RunFlags, input: object): Promise<void> =>
  steer(context, flags, "p2p_workflow_coordinate", input);

function steer(context: CliContext, flags: RunFlags, tool: string, input: object): Promise<void> {
  const { output } = context;
  return withServer(context, flags, async (server) => {
    const answer = await server.call(tool, { ...placeOf(flags), ...input });
    if (flags.json) return output.json(answer);
    const run = readTouchedRun(tool, answer);
    const { workflowId, state, coordination, cancelledNodes = [] } = run;
    const by = coordination ? `, coordinated by ${oneLine(coordination.coordinator)}` : "";
    await output.result(`${oneLine(workflowId)} is ${state}${by}`);
    if (cancelledNodes.length === 0) return;
    await output.talk(`ended with it: ${cancelledNodes.map(oneLine).join(", ")}`);
  });
}
