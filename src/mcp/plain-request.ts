/** Requests whose shape is beyond doubt: those that the hot path may answer. @module */

import { isFields } from "./message-kind.ts";
import { META_KEY, MODERN_VERSION } from "./protocol.ts";

/** The members of a JSON object. */
export type Fields = Readonly<Record<string, unknown>>;

/** A JSON-RPC request whose shape is right. */
export interface PlainRequest {
  readonly id: string | number;
  readonly method: string;
  readonly params: Fields;
  readonly meta: Fields;
}

const none: Fields = {};

/** What only the SDK path can honour. */
const NEEDS_SDK_PARAMS = ["inputResponses", "requestState", "task"] as const;

/** The request that a message is; `undefined` where it is anything else, or needs the SDK. */
export function plainRequest(message: unknown): PlainRequest | undefined {
  if (!isFields(message) || message.jsonrpc !== "2.0") return undefined;
  const { id, method, params = none } = message;
  if (typeof id !== "string" && !Number.isSafeInteger(id)) return undefined;
  if (typeof method !== "string" || !isFields(params)) return undefined;
  const { _meta: meta = none } = params;
  if (!isFields(meta)) return undefined;
  if (NEEDS_SDK_PARAMS.some((name) => name in params)) return undefined;
  return { id: id as string | number, method, params, meta };
}

/** Whether the envelope of a modern request is complete and its headers say the same. */
export function isModern(
  { method, params, meta }: PlainRequest,
  header?: (name: string) => string | null,
): boolean {
  if (meta[META_KEY.protocolVersion] !== MODERN_VERSION) return false;
  if (!isFields(meta[META_KEY.clientCapabilities]) || META_KEY.logLevel in meta) return false;
  const client = meta[META_KEY.clientInfo];
  if (client !== undefined && !isImplementation(client)) return false;
  if (!header) return true;
  if (header("mcp-protocol-version") !== MODERN_VERSION) return false;
  if (header("mcp-method") !== method) return false;
  const named = NAMED_BY.get(method);
  return named === undefined || header("mcp-name") === params[named];
}

/** The parameter that the header `Mcp-Name` repeats, of the methods that are answered without the SDK. */
const NAMED_BY: ReadonlyMap<string, string> = new Map([
  ["tools/call", "name"],
  ["tasks/get", "taskId"],
  ["tasks/cancel", "taskId"],
]);

const isImplementation = (value: unknown): boolean =>
  isFields(value) && typeof value.name === "string" && typeof value.version === "string";
