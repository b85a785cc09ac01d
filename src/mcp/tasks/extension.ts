/**
 * MCP Tasks as an extension of this server: `tasks/get`, `tasks/update`, `tasks/cancel`, and news of
 * tasks for those who listen.
 *
 * @module
 */

import type { Extension, ExtensionContext, ExtensionMethod } from "../extension.ts";
import { isFields } from "../message-kind.ts";
import { RPC_CODE } from "../protocol.ts";
import { RpcFault } from "../rpc-fault.ts";
import { listenForTasks } from "./listening.ts";
import { declaresTasks, TASKS_EXTENSION, undeclared } from "./names.ts";
import type { TaskSource } from "./task-source.ts";
import { detailedTask } from "./wire-task.ts";

type Fields = Readonly<Record<string, unknown>>;

/** The extension over a queue. */
export function createTasksExtension(source: TaskSource): Extension {
  return {
    id: TASKS_EXTENSION,
    settings: {},
    isModernOnly: true,
    methods: new Map<string, ExtensionMethod>([
      ["tasks/get", (params, context) => get(source, params, context)],
      ["tasks/update", (params, context) => update(source, params, context)],
      ["tasks/cancel", (params, context) => cancel(source, params, context)],
    ]),
    listen: (request, tell) => listenForTasks(source, request, tell),
  };
}

async function get(source: TaskSource, params: Fields, context: ExtensionContext): Promise<Fields> {
  const id = taskIdOf("tasks/get", params, context);
  const task = await source.task(id, context.caller);
  if (!task) throw unknownTask(id);
  return { ...detailedTask(task), resultType: "complete" };
}

async function update(
  source: TaskSource,
  params: Fields,
  context: ExtensionContext,
): Promise<Fields> {
  const id = taskIdOf("tasks/update", params, context);
  const { inputResponses } = params;
  if (!isFields(inputResponses)) {
    throw invalid("tasks/update: /inputResponses must be an object of answers by key");
  }
  return acknowledged(source.answer(id, context.caller, inputResponses), id);
}

async function cancel(
  source: TaskSource,
  params: Fields,
  context: ExtensionContext,
): Promise<Fields> {
  const id = taskIdOf("tasks/cancel", params, context);
  return acknowledged(source.cancel(id, context.caller), id);
}

async function acknowledged(done: Promise<boolean>, id: string): Promise<Fields> {
  if (!(await done)) throw unknownTask(id);
  return { resultType: "complete" };
}

function taskIdOf(method: string, { taskId }: Fields, { client }: ExtensionContext): string {
  if (!declaresTasks(client)) throw undeclared(method);
  if (typeof taskId !== "string") throw invalid(`${method}: /taskId must be a string`);
  return taskId;
}

const invalid = (message: string, data: Fields = {}): RpcFault =>
  new RpcFault({
    code: RPC_CODE.invalidParams,
    message,
    data: { code: "invalid_input", ...data },
  });

/** Somebody else's task is told from none by nobody. */
function unknownTask(taskId: string): RpcFault {
  return new RpcFault({
    code: RPC_CODE.invalidParams,
    message: `There is no task ${taskId.slice(0, 100)} of yours, or it is over and forgotten`,
    data: { code: "not_found", taskId: taskId.slice(0, 100) },
  });
}
