/** JSON-RPC between peers: requests as text, answers as results and errors of ours. @module */

import { errorOfReport, type MeshError, ToolError } from "../errors.ts";
import { META_KEY, MODERN_VERSION } from "../mcp/protocol.ts";
import { VERSION } from "../version.ts";

/** Params or a result. */
export type RpcObject = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is RpcObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const NO_CAPABILITIES: RpcObject = {};

/** What every modern request says of its sender, without its closing brace. */
const ENVELOPE = JSON.stringify({
  [META_KEY.protocolVersion]: MODERN_VERSION,
  [META_KEY.clientInfo]: { name: "mcplusplus", version: VERSION },
}).slice(0, -1);

/** Which of MCP's two eras a peer speaks. */
export type Era = "modern" | "legacy";

/** How one request is made. */
export interface PeerRequest {
  readonly signal?: AbortSignal | undefined;
  readonly progress?: ((...progress: Progress) => void) | undefined;
  /** What the one on whose behalf we ask can do, as MCP's `ClientCapabilities`. */
  readonly client?: RpcObject | undefined;
  readonly traceparent?: string | undefined;
  /** Left out, modern. */
  readonly era?: Era;
}

/** A request as text. */
export function requestText(
  id: number,
  method: string,
  params: RpcObject,
  { era = "modern", ...options }: PeerRequest,
): string {
  const meta = era === "modern" ? modernMeta(id, options) : legacyMeta(id, options);
  const given = JSON.stringify(params);
  const inner = given === "{}" ? `{${meta}}` : `${given.slice(0, -1)},${meta}}`;
  return `{"jsonrpc":"2.0","id":${id},"method":${JSON.stringify(method)},"params":${inner}}`;
}

/** The envelope is the same in all requests, so it is written once. */
function modernMeta(
  id: number,
  { client = NO_CAPABILITIES, progress, traceparent }: PeerRequest,
): string {
  const capabilities = client === NO_CAPABILITIES ? "{}" : JSON.stringify(client);
  const token = progress ? `,"progressToken":${id}` : "";
  const trace = traceparent === undefined ? "" : `,"traceparent":${JSON.stringify(traceparent)}`;
  return `"_meta":${ENVELOPE},"${META_KEY.clientCapabilities}":${capabilities}${token}${trace}}`;
}

function legacyMeta(id: number, { progress, traceparent }: PeerRequest): string {
  const meta = {
    ...(progress && { progressToken: id }),
    ...(traceparent !== undefined && { traceparent }),
  };
  return `"_meta":${JSON.stringify(meta)}`;
}

/** What a handler reported: how much is done, of how much, and a sentence. */
export type Progress = [done: number, total: number | undefined, message: string | undefined];

/** A message of the peer, as far as a client cares. */
export type Answer =
  | { readonly kind: "result"; readonly id: unknown; readonly result: RpcObject }
  | { readonly kind: "error"; readonly id: unknown; readonly error: MeshError }
  | {
      readonly kind: "progress";
      readonly token: unknown;
      readonly progress: Progress;
    };

/** What a message says; `undefined` where it is nothing that a client waits for. */
export function readAnswer(peer: string, message: unknown): Answer | undefined {
  if (!isObject(message)) return undefined;
  const { id, result, error, method, params } = message;
  if (isObject(result)) return { kind: "result", id, result };
  if (isObject(error)) return { kind: "error", id, error: errorOf(peer, error) };
  if (method !== "notifications/progress" || !isObject(params)) return undefined;
  const { progressToken: token, progress, total, message: said } = params;
  if (typeof progress !== "number") return undefined;
  return {
    kind: "progress",
    token,
    progress: [
      progress,
      typeof total === "number" ? total : undefined,
      typeof said === "string" ? said : undefined,
    ],
  };
}

/** Codes with which a peer turns a request away before anything begins. */
const TURNED_AWAY: ReadonlySet<unknown> = new Set(["queue_full", "rate_limited"]);

/** A peer's error in the family that its code belongs to; foreign ones are the tool's. */
function errorOf(peer: string, { code, message, data }: RpcObject): MeshError {
  const said = typeof message === "string" ? message.slice(0, 2000) : String(code);
  const facts = isObject(data) ? factsOf(peer, data) : { peer };
  const isStarted = TURNED_AWAY.has(facts.code) ? { isStarted: false } : {};
  const known = errorOfReport({
    code: String(facts.code),
    message: said,
    data: { ...facts, ...isStarted },
  });
  if (known) return known;
  return new ToolError("tool_failed", `Peer ${peer} answered with an error: ${said}`, {
    data: { peer, rpc: { code, ...(data !== undefined && { data }) } },
  });
}

/**
 * What a peer says of a failure. Whether anything was started is not its to say: what did not start
 * at somebody whom it asked in turn has started there.
 */
export function factsOf(peer: string, data: RpcObject): RpcObject {
  const { isStarted: _, ...facts } = data;
  return { ...facts, peer };
}
