/** What goes over the wire between us and a mounted server, and what its errors mean. @module */

import type { RequestId } from "@modelcontextprotocol/client";
import { InputError, type MeshError, ToolError } from "../errors.ts";
import { cut } from "./sanitize.ts";

/** A JSON-RPC object: params or a result. */
export type RpcObject = Readonly<Record<string, unknown>>;

/** A request that the mounted server sends to us. */
export interface ServerRequest {
  readonly id: RequestId;
  readonly method: string;
  readonly params: RpcObject;
}

/** What the mounted server says on its own. */
export interface LinkEvents {
  notification(method: string, params: RpcObject): void;
  /** `true`: it is taken care of; otherwise the SDK's client answers. */
  request(request: ServerRequest): boolean;
  /** What a message that could not be sent means. */
  unsent(error: unknown): Error;
  /** Why the connection is over. */
  ended(): Error;
}

/** How one request is made. */
export interface LinkRequest {
  readonly signal?: AbortSignal | undefined;
  readonly progress?: ((done: number, total?: number, message?: string) => void) | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** What the one on whose behalf we ask can do; modern servers are told per request. */
  readonly client?: RpcObject | undefined;
  /** Leave hidden characters in: for lists, whose names must be repeated exactly. */
  readonly isRaw?: boolean;
}

/** What modern servers are told with each request. */
export interface Envelope {
  readonly protocolVersion: string;
  readonly clientInfo: RpcObject;
}

/** The `error` member of a JSON-RPC response. */
export interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/** JSON-RPC codes that this server itself answers mounted servers with. */
export const METHOD_NOT_FOUND = -32601;
export const INTERNAL_ERROR = -32603;
const INVALID_PARAMS = -32602;

const MAX_MESSAGE_LENGTH = 2000;

/** What a mounted server refused, in our families: the caller's mistake, or the server's. */
export function errorOfAnswer(upstream: string, { code, message, data }: RpcError): MeshError {
  const said = cut(typeof message === "string" ? message : String(code), MAX_MESSAGE_LENGTH);
  const details = { data: { upstream, rpc: { code, ...(data !== undefined && { data }) } } };
  return code === INVALID_PARAMS
    ? new InputError("invalid_input", `"${upstream}" refused the request: ${said}`, details)
    : new ToolError("tool_failed", `"${upstream}" answered with an error: ${said}`, details);
}
