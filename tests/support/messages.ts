/** JSON-RPC messages and HTTP requests of both eras, as a client would write them. @module */

/** The revision of the modern era that tests speak. */
export const MODERN = "2026-07-28";

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** `message` with the envelope of the modern era. */
export function modernMessage(
  message: object,
  capabilities: Readonly<Record<string, unknown>> = {},
  more: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  const { params } = message as { readonly params?: object };
  const _meta = {
    "io.modelcontextprotocol/protocolVersion": MODERN,
    "io.modelcontextprotocol/clientCapabilities": capabilities,
    ...more,
  };
  return { ...message, params: { ...params, _meta } };
}

/** A header's value must be ASCII; anything else cannot be sent as it is. */
const isPrintable = (value: unknown): value is string =>
  typeof value === "string" && /^[\u0021-\u007e]([\u0020-\u007e]*[\u0021-\u007e])?$/.test(value);

/** The headers that repeat parts of a modern message; none for any other. */
export function modernHeaders(message: unknown): Readonly<Record<string, string>> {
  if (!isFields(message)) return {};
  const { method, params } = message;
  const { _meta: meta, name, uri } = isFields(params) ? params : {};
  const isModern = isFields(meta) && meta["io.modelcontextprotocol/protocolVersion"] === MODERN;
  if (!isModern) return {};
  const called = name ?? uri;
  return {
    "mcp-protocol-version": MODERN,
    ...(isPrintable(method) && { "mcp-method": method }),
    ...(isPrintable(called) && { "mcp-name": called }),
  };
}

/** A POST of this message, with the headers that its era wants. */
export function post(
  message: unknown,
  headers: Readonly<Record<string, string>> = {},
  path = "/mcp",
): Request {
  return new Request(`http://127.0.0.1${path}`, {
    method: "POST",
    headers: {
      accept: "application/json, text/event-stream",
      "content-type": "application/json",
      ...modernHeaders(message),
      ...headers,
    },
    body: typeof message === "string" ? message : JSON.stringify(message),
  });
}

/** An `initialize` of the legacy era. */
export function initialize(capabilities: object = {}, version = "2025-11-25"): object {
  return {
    jsonrpc: "2.0",
    id: 0,
    method: "initialize",
    params: {
      protocolVersion: version,
      capabilities,
      clientInfo: { name: "test", version: "1.0.0" },
    },
  };
}

/** The one JSON-RPC message of an answer, be it JSON or an event stream. */
export async function rpcAnswer(response: Response): Promise<Readonly<Record<string, unknown>>> {
  const body = await response.text();
  if (!response.headers.get("content-type")?.startsWith("text/event-stream")) {
    return JSON.parse(body);
  }
  const messages = body
    .split("\n")
    .filter((line) => line.startsWith("data: {"))
    .map((line) => JSON.parse(line.slice(6)));
  const answer = messages.find((message) => "result" in message || "error" in message);
  if (!answer) throw new Error(`no answer in ${body}`);
  return answer;
}
