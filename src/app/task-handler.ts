/** What this process does with a task: call its tool, or run the program's own handler. @module */

import { InputError, ToolError } from "../errors.ts";
import type { Engine } from "../mcp/engine.ts";
import { unanswerable } from "../mcp/tasks/questions.ts";
import type { LeasedTask } from "../queue/task-source.ts";
import type { Handler } from "../queue/worker-types.ts";
import { type Caller, restoreCaller, type StoredCaller } from "../registry/caller.ts";
import type { ClientCapabilities } from "../registry/context.ts";
import type { Registry } from "../registry/registry.ts";
import { type CallResult, failureText } from "../registry/result.ts";
import type { TaskHandler } from "../registry/task-handler.ts";

/** What tasks are worked with. */
export interface QueueWork {
  readonly engine: Pick<Engine, "run">;
  readonly lookup: Pick<Registry, "resolve">;
}

/** A handler for the kind `tool` and the program's own kinds. */
export function taskHandler(
  { engine }: QueueWork,
  own: Readonly<Record<string, TaskHandler>>,
  callerOf: (task: LeasedTask) => Caller = submitterOf,
  /** Where a tool is that has several homes; left out, the name alone says which. */
  homeOf: (tool: string) => string | undefined = () => undefined,
): Handler {
  const handlers = new Map(Object.entries(own));
  return async (task, { signal, progress, log }) => {
    const handler = handlers.get(task.kind);
    if (handler) {
      return handler(task.input, { signal, progress, log, idempotencyKey: task.idempotencyKey });
    }
    const home = task.tool === undefined ? undefined : homeOf(task.tool);
    const result = await engine.run({
      tool: task.tool ?? "",
      ...(home !== undefined && { category: home }),
      input: task.input,
      caller: callerOf(task),
      signal: () => signal,
      events: { progress, log: (level, data) => log(`${level}: ${textOf(data)}`) },
      timeoutMs: task.timeoutMs,
      ...(task.client && { client: task.client }),
      ...(task.inputResponses && { inputResponses: task.inputResponses }),
      ...(task.requestState !== undefined && { requestState: task.requestState }),
    });
    return task.client ? answered(task, task.client, result) : succeeded(task, result);
  };
}

function textOf(data: unknown): string {
  return typeof data === "string" ? data : JSON.stringify(data ?? null);
}

/** The queue stored what `storeCaller` made. */
function submitterOf({ caller }: LeasedTask): Caller {
  return restoreCaller(caller as StoredCaller);
}

/** For a client that called: a failed tool's word is the answer, and its questions are for the client. */
function answered(
  { tool }: LeasedTask,
  client: ClientCapabilities,
  result: CallResult,
): CallResult {
  if (result.resultType !== "input_required") return result;
  const missing = unanswerable(result.inputRequests ?? {}, client);
  if (!missing) return result;
  const message = `"${tool}" asks what its client cannot answer: ${Object.keys(missing).join(", ")}`;
  throw new InputError("invalid_input", message, { data: { requiredCapabilities: missing } });
}

/** A tool that failed has failed the attempt. */
function succeeded({ tool }: LeasedTask, result: CallResult): CallResult {
  if (result.resultType === "input_required") {
    throw new InputError(
      "invalid_input",
      `"${tool}" asks its caller something, and a task has nobody to ask: call it directly`,
    );
  }
  if (result.isError !== true) return result;
  throw new ToolError("tool_failed", failureText(tool ?? "", result));
}
