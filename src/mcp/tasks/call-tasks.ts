/**
 * Which calls become tasks, and how they begin.
 *
 * The tool decides, as its `taskSupport` says: `required` and `optional` tools become tasks where the
 * client declared the extension; for any other client an optional one runs as every call does, and
 * a required one is refused, but to peers.
 *
 * @module
 */

import { MeshError } from "../../errors.ts";
import type { RegisteredTool } from "../../registry/registry.ts";
import type { CallResult } from "../../registry/result.ts";
import type { ToolCall } from "../../router/call.ts";
import { declaresTasks, undeclared } from "./names.ts";
import type { NewCallTask, TaskSource } from "./task-source.ts";
import { createdTask } from "./wire-task.ts";

/** Who calls, and what that one declared. */
export type Asking = Pick<ToolCall, "caller" | "client">;

/** What turns calls into tasks. */
export interface CallTasks {
  /** Whether this call is a matter of tasks: it becomes one, or is refused for want of them. */
  concerns(target: RegisteredTool, asking: Asking): boolean;
  /** Whether the client of such a call must be told that it cannot be answered. */
  refuses(target: RegisteredTool, asking: Asking): boolean;
  /** The handle of the new task, or questions that come before it; `undefined`: nothing can be kept. */
  begin(target: RegisteredTool, call: ToolCall): Promise<CallResult | undefined>;
}

/** What beginning a task needs. */
export interface CallTasksNeeds {
  readonly source: TaskSource;
  /** The checks of every call: throws where it would be refused. */
  readonly check: (call: ToolCall) => Promise<{ readonly input: unknown }>;
}

/** The queue is switched off, or another process's: the call runs as any other. */
const NO_QUEUE: ReadonlySet<string> = new Set(["runtime_unavailable", "data_locked"]);

/** Tasks over a queue. */
export function createCallTasks({ source, check }: CallTasksNeeds): CallTasks {
  const supports = ({ tool }: RegisteredTool): boolean =>
    tool.taskSupport === "required" || tool.taskSupport === "optional";
  // A peer calls for a client of its own, which was promised no more than a result.
  const refuses: CallTasks["refuses"] = ({ tool }, { caller, client = {} }) =>
    tool.taskSupport === "required" && !declaresTasks(client) && !caller.grant.peer;
  return {
    refuses,
    concerns: (target, asking) =>
      supports(target) && (declaresTasks(asking.client ?? {}) || refuses(target, asking)),
    async begin(target, call) {
      const { caller, client = {}, inputResponses, requestState } = call;
      if (refuses(target, call)) throw undeclared(`"${target.name}" runs as a task`);
      const { input } = await check(call);
      const { asksFirst, routing } = target.tool;
      const { timeoutMs } = routing;
      const round = { client, inputResponses, requestState };
      const questions = asksFirst && (await asksFirst(input, round));
      if (questions) return questions;
      try {
        const task = await source.submit({
          // `check` has seen that it is an object.
          ...{ tool: target.name, input: call.input as NewCallTask["input"], caller, client },
          ...(timeoutMs !== undefined && { timeoutMs }),
          ...(asksFirst && inputResponses && { inputResponses }),
          ...(asksFirst && requestState !== undefined && { requestState }),
        });
        // In place of a result; the engine's callers tell it by its type.
        return { ...createdTask(task), resultType: "task" } as unknown as CallResult;
      } catch (error) {
        if (error instanceof MeshError && NO_QUEUE.has(error.code)) return undefined;
        throw error;
      }
    },
  };
}
