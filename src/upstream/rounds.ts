/**
 * Questions that a modern server asks by answering (MCP's multi-round-trip requests): passed to
 * our caller, whose answers are passed back.
 *
 * @module
 */

import { InputError } from "../errors.ts";
import type { ClientCapabilities, ToolContext } from "../registry/context.ts";
import type { CallResult } from "../registry/result.ts";
import type { RpcObject } from "./rpc.ts";

/** Marks the state that a server gave us to bring back. */
const REMOTE_STATE = "remote:";

/** `params` with the answers that the caller brought, if this is not the first round. */
export function withRound(
  params: RpcObject,
  { inputResponses, requestState }: Pick<ToolContext, "inputResponses" | "requestState">,
): RpcObject {
  if (inputResponses === undefined && requestState === undefined) return params;
  return {
    ...params,
    ...(inputResponses !== undefined && { inputResponses }),
    ...(requestState !== undefined && { requestState: remoteState(requestState) }),
  };
}

function remoteState(state: string): string {
  if (state.startsWith(REMOTE_STATE)) return state.slice(REMOTE_STATE.length);
  throw new InputError("invalid_input", "requestState is not one that this server gave");
}

/** What the server asks, for our caller. */
export function roundOf(
  result: RpcObject,
): Pick<CallResult, "resultType" | "inputRequests" | "requestState"> {
  const { inputRequests, requestState } = result;
  return {
    resultType: "input_required",
    ...(typeof inputRequests === "object" && { inputRequests: inputRequests as RpcObject }),
    ...(typeof requestState === "string" && { requestState: `${REMOTE_STATE}${requestState}` }),
  };
}

/** What of a client's abilities concerns a mounted server: that it can be asked. */
export function answerable({ elicitation, sampling, roots }: ClientCapabilities): RpcObject {
  return {
    ...(elicitation !== undefined && { elicitation }),
    ...(sampling !== undefined && { sampling }),
    ...(roots !== undefined && { roots }),
  };
}
