/** Requests as a server without the SDK reads them: their shape, and what is wrong with them. @module */

import { isFields } from "./message-kind.ts";
import { META_KEY, MODERN_VERSION, RPC_CODE } from "./protocol.ts";
import type { RpcError } from "./results.ts";

/** A JSON object off the wire. */
export type Message = Readonly<Record<string, unknown>>;

/** A request whose outer shape is right. */
export interface LightRequest {
  readonly id: string | number;
  readonly method: string;
  readonly params: Message;
  readonly meta: Message;
  /** The request as the hot path takes it. */
  readonly message: Message;
}

/** Read what `kindOf` says is a request; `undefined` where its `_meta` is no object. */
export function requestOf(message: Message): LightRequest | undefined {
  const { id, method, params: given = {} } = message;
  // Checked in `kindOf`.
  const params = given as Message;
  const { _meta: all = {} } = params;
  if (!isFields(all)) return undefined;
  // Who wants logs gets none here, which the capabilities say.
  const { [META_KEY.logLevel]: _, ...meta } = all;
  const read = META_KEY.logLevel in all ? { ...params, _meta: meta } : params;
  const names = { id: id as string | number, method: String(method) };
  return { ...names, params, meta, message: { ...message, params: read } };
}

const invalid = (message: string): RpcError => ({
  code: RPC_CODE.invalidParams,
  message,
  data: { code: "invalid_input" },
});

const required = [META_KEY.protocolVersion, META_KEY.clientCapabilities] as const;

/** What is wrong with a modern request's envelope; `initialize` names its version in its params. */
export function envelopeFault(meta: Message, params: Message = {}): RpcError | undefined {
  const requested = meta[META_KEY.protocolVersion] ?? params.protocolVersion;
  if (requested !== undefined && requested !== MODERN_VERSION) {
    return {
      code: RPC_CODE.unsupportedVersion,
      message: `Unsupported protocol version: ${String(requested).slice(0, 40)}`,
      data: { supported: [MODERN_VERSION], requested },
    };
  }
  const missing = required.filter((key) => !(key in meta));
  if (missing.length > 0) return invalid(`The _meta envelope lacks ${missing.join(", ")}`);
  if (isFields(meta[META_KEY.clientCapabilities])) return undefined;
  return invalid(`/params/_meta/${META_KEY.clientCapabilities} must be an object`);
}

/** What is wrong with the params of `initialize`. */
export function initializeFault(params: Message): RpcError | undefined {
  if (typeof params.protocolVersion !== "string") {
    return invalid("initialize: /params/protocolVersion must be a string");
  }
  const lacking = ["capabilities", "clientInfo"].find((name) => !isFields(params[name]));
  return lacking === undefined
    ? undefined
    : invalid(`initialize: /params/${lacking} must be an object`);
}

type Check = (params: Message) => string | undefined;

const checks: ReadonlyMap<string, Check> = new Map<string, Check>([
  [
    "tools/list",
    ({ cursor }) =>
      cursor === undefined || typeof cursor === "string" ? undefined : "/cursor must be a string",
  ],
  ["tools/call", callFault],
]);

function callFault({ name, arguments: args = {}, _meta, ...others }: Message): string | undefined {
  if (typeof name !== "string") return "/name must be a string";
  if (!isFields(args)) return "/arguments must be an object";
  const { progressToken: token = 0 } = (_meta ?? {}) as Message;
  if (typeof token !== "string" && !Number.isSafeInteger(token)) {
    return "/_meta/progressToken must be a string or an integer";
  }
  const round = ["inputResponses", "requestState", "task"].find((key) => key in others);
  return round && `/${round} is not known here: this server asks nothing, and keeps no tasks`;
}

/** What is wrong with a request for tools, or that it is for something else. */
export function paramsFault({ method, params }: LightRequest): RpcError | undefined {
  const check = checks.get(method);
  if (!check) return { code: RPC_CODE.methodNotFound, message: `Method not found: ${method}` };
  const fault = check(params);
  return fault === undefined ? undefined : invalid(`Invalid params for ${method}: ${fault}`);
}
