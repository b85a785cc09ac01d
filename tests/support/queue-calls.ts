/** Calls of the queue's tools over HTTP, through REST or MCP. @module */

import { ERROR_META_KEY } from "../../src/mcp/protocol.ts";
import { modernHeaders, modernMessage, rpcAnswer } from "./messages.ts";

type Facts = Readonly<Record<string, unknown>>;

/** By which way a call goes. */
export type Surface = "rest" | "mcp";

/** What a refused call was told. */
export class Refused extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** How a call is made. */
export interface CallOptions {
  readonly surface?: Surface;
  readonly withinMs?: number;
  /** Such as credentials. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Call `p2p_taskqueue_<name>` of the server at `url`; throws {@link Refused} with what it answers. */
export function callQueue(
  url: string,
  name: string,
  input: Facts,
  options?: CallOptions,
): Promise<Facts> {
  return callTool(url, `p2p_taskqueue_${name}`, input, options);
}

/** Call any tool in the same way. */
export async function callTool(
  url: string,
  tool: string,
  input: Facts,
  { surface = "rest", withinMs = 30_000, headers = {} }: CallOptions = {},
): Promise<Facts> {
  const how = { signal: AbortSignal.timeout(withinMs), headers };
  return surface === "rest" ? overRest(url, tool, input, how) : overMcp(url, tool, input, how);
}

interface How {
  readonly signal: AbortSignal;
  readonly headers: Readonly<Record<string, string>>;
}

async function overRest(
  url: string,
  tool: string,
  input: Facts,
  { signal, headers }: How,
): Promise<Facts> {
  const response = await fetch(new URL(`/tools/${tool}`, url), {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(input),
    signal,
  });
  const body = (await response.json()) as Facts;
  if (!response.ok) throw new Refused(String(body.code), String(body.message));
  return body.structuredContent as Facts;
}

async function overMcp(
  url: string,
  tool: string,
  input: Facts,
  { signal, headers }: How,
): Promise<Facts> {
  const params = { name: "dispatch", arguments: { tool, params: input } };
  const message = modernMessage({ jsonrpc: "2.0", id: 1, method: "tools/call", params });
  const response = await fetch(new URL("/mcp", url), {
    method: "POST",
    headers: {
      accept: "application/json, text/event-stream",
      "content-type": "application/json",
      ...modernHeaders(message),
      ...headers,
    },
    body: JSON.stringify(message),
    signal,
  });
  const { result, error } = (await rpcAnswer(response)) as Readonly<Record<string, Facts>>;
  if (error) {
    const { code } = (error.data ?? {}) as Facts;
    throw new Refused(String(code ?? error.code), String(error.message));
  }
  if (result?.isError === true) throw refusalOf(result);
  return result?.structuredContent as Facts;
}

function refusalOf({ _meta: meta }: Facts): Refused {
  const { code, message } = (meta as Readonly<Record<string, Facts>>)[ERROR_META_KEY] ?? {};
  return new Refused(String(code), String(message));
}
