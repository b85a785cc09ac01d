/**
 * How outcomes of calls look on the wire: errors as results or as JSON-RPC errors, and the little
 * that differs between the eras.
 *
 * @module
 */

import { InputError, MeshError, reportOf } from "../errors.ts";
import { exampleOf } from "../registry/meta-tools.ts";
import type { RegisteredTool } from "../registry/registry.ts";
import { type CallResult, text } from "../registry/result.ts";
import { ERROR_META_KEY, RPC_CODE } from "./protocol.ts";
import { type RpcError, RpcFault } from "./rpc-fault.ts";

export type { RpcError } from "./rpc-fault.ts";

/** Codes that MCP answers as protocol errors: the request named something that does not exist. */
const PROTOCOL_CODES: ReadonlySet<string> = new Set([
  "unknown_tool",
  "ambiguous_tool",
  "unknown_resource",
  "unknown_prompt",
]);

/** The JSON-RPC error for a failure that is not a tool's own; `undefined` where it is. */
export function rpcErrorOf(error: unknown): RpcError | undefined {
  if (error instanceof RpcFault) return error.rpc;
  if (!(error instanceof MeshError) || !PROTOCOL_CODES.has(error.code)) return undefined;
  return {
    code: RPC_CODE.invalidParams,
    message: error.message,
    data: { code: error.code, ...error.data },
  };
}

/** The JSON-RPC error for any failure of a request that is not a tool call. */
export function anyRpcErrorOf(error: unknown): RpcError {
  if (error instanceof RpcFault) return error.rpc;
  const { code, message, data } = reportOf(error);
  const number = error instanceof InputError ? RPC_CODE.invalidParams : RPC_CODE.internalError;
  return { code: number, message, data: { code, ...data } };
}

/**
 * A failure as a result that a model can act on: the code, the sentence, and for wrong parameters
 * the schema with an example. Programs find the same under `_meta`.
 */
export function errorResult(error: unknown, target?: RegisteredTool): CallResult {
  const report = reportOf(error);
  const content = [text(`${report.code}: ${report.message}`)];
  if (report.code === "invalid_input" && target) {
    const { name, tool } = target;
    const help = { schema: tool.inputSchema, example: { tool: name, params: exampleOf(tool) } };
    content.push(text(JSON.stringify(help)));
  }
  return { content, isError: true, _meta: { [ERROR_META_KEY]: report } };
}

const isPlainObject = (value: unknown): boolean =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Legacy clients know `structuredContent` as an object only: anything else is wrapped. */
export function legacyResult(result: CallResult): CallResult {
  const { structuredContent } = result;
  if (structuredContent === undefined || isPlainObject(structuredContent)) return result;
  return { ...result, structuredContent: { result: structuredContent } };
}
