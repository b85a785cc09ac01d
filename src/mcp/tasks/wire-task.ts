/** A task of the queue in MCP's words. @module */

import { type ErrorReport, errorOfReport, ToolError } from "../../errors.ts";
import { RPC_CODE } from "../protocol.ts";
import { errorResult, type RpcError, rpcErrorOf } from "../results.ts";
import { POLL_INTERVAL_MS } from "./names.ts";
import type { CallTask } from "./task-source.ts";

/** MCP's `DetailedTask`, or the `Task` that begins one. */
export type WireTask = Readonly<Record<string, unknown>>;

/** The task as the answer to the call that began it: what it brings is for `tasks/get`. */
export function createdTask(task: CallTask): WireTask {
  return { ...headOf(task), status: statusOf(task), ...(task.message && messageOf(task)) };
}

/** The task as `tasks/get` and notifications tell it. */
export function detailedTask(task: CallTask): WireTask {
  const { questions = {}, result, error } = task;
  const head = { ...headOf(task), status: statusOf(task), ...(task.message && messageOf(task)) };
  switch (task.state) {
    case "working":
    case "cancelled":
      return head;
    case "waiting":
      return { ...head, inputRequests: questions };
    case "done":
      return { ...head, result: completeResult(result) };
    case "failed": {
      const fault = protocolErrorOf(error);
      if (fault) return { ...head, error: fault };
      return { ...head, result: completeResult(errorResult(failureOf(error))) };
    }
  }
}

function headOf({ id, createdAt, updatedAt, ttlMs }: CallTask): WireTask {
  return {
    taskId: id,
    createdAt,
    lastUpdatedAt: updatedAt,
    ttlMs,
    pollIntervalMs: POLL_INTERVAL_MS,
  };
}

const messageOf = ({ message }: CallTask): WireTask => ({ statusMessage: message });

/**
 * MCP's `failed` is for calls that would have been answered with a JSON-RPC error. What a model
 * would have got as a result with `isError` is a result of a task, too.
 */
function statusOf({ state, error }: CallTask): string {
  switch (state) {
    case "working":
    case "cancelled":
      return state;
    case "waiting":
      return "input_required";
    case "done":
      return "completed";
    case "failed":
      return protocolErrorOf(error) ? "failed" : "completed";
  }
}

const completeResult = (result: object = { content: [] }): object => ({
  ...result,
  resultType: "complete",
});

const failureOf = (report: ErrorReport | undefined): Error =>
  (report && errorOfReport(report)) ?? new ToolError("tool_failed", report?.message ?? "It failed");

/** The JSON-RPC error that the call itself would have got. */
function protocolErrorOf(report: ErrorReport | undefined): RpcError | undefined {
  if (!report) return undefined;
  const { code, message, data } = report;
  if (data?.requiredCapabilities !== undefined) {
    return { code: RPC_CODE.missingCapability, message, data };
  }
  // Nobody could run it to its end: that is no word of the tool.
  if (code === "lease_lost") {
    return { code: RPC_CODE.internalError, message, data: { code, ...data } };
  }
  return rpcErrorOf(failureOf(report));
}
