/**
 * Names of MCP Tasks, `io.modelcontextprotocol/tasks`, for revision 2026-07-28.
 *
 * Source: https://modelcontextprotocol.github.io/ext-tasks/specification/2026-07-28/tasks.html (SEP-2663).
 *
 * @module
 */

import type { ClientCapabilities } from "../../registry/context.ts";
import { isFields } from "../message-kind.ts";
import { RPC_CODE } from "../protocol.ts";
import { RpcFault } from "../rpc-fault.ts";

/** Under this name both sides declare the extension. */
export const TASKS_EXTENSION = "io.modelcontextprotocol/tasks";

/** Tells a client that one of its tasks changed. */
export const TASK_CHANGED = "notifications/tasks";

/** How often a client is told to ask, in ms: news reach those sooner who listen. */
export const POLL_INTERVAL_MS = 1_000;

/** Whether a client declared the extension in this very request. */
export function declaresTasks({ extensions }: ClientCapabilities): boolean {
  return isFields(extensions) && isFields(extensions[TASKS_EXTENSION]);
}

/** The error for a client that did not. */
export function undeclared(what: string): RpcFault {
  return new RpcFault({
    code: RPC_CODE.missingCapability,
    message: `${what}: the client must declare the extension ${TASKS_EXTENSION}`,
    data: { requiredCapabilities: { extensions: { [TASKS_EXTENSION]: {} } } },
  });
}
