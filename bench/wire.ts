/** The requests of a `tools/call` in both dialects of MCP over HTTP. @module */

import { UnavailableError } from "../src/errors.ts";
import type { LoadRequest } from "./load-client.ts";

/** How a subject wants to be spoken to. */
export type Dialect = "modern" | "legacy";

/** A call, and what its answer must contain. */
export interface WireCall {
  readonly tool: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly expect: string;
}

const MODERN = "2026-07-28";
const LEGACY = "2025-06-18";
const clientInfo = { name: "bench", version: "1.0.0" };

const common: Readonly<Record<string, string>> = {
  "content-type": "application/json",
  accept: "application/json, text/event-stream",
};

/** What every request of the 2026-07-28 revision carries in `_meta`. */
export const envelope: Readonly<Record<string, unknown>> = {
  "io.modelcontextprotocol/protocolVersion": MODERN,
  "io.modelcontextprotocol/clientInfo": clientInfo,
  "io.modelcontextprotocol/clientCapabilities": {},
};

/** The headers of a request of the 2026-07-28 revision, which repeat what its body says. */
export function modernHeaders(
  method: string,
  { name }: { readonly name?: unknown },
): Readonly<Record<string, string>> {
  return {
    ...common,
    "mcp-protocol-version": MODERN,
    "mcp-method": method,
    ...(typeof name === "string" && { "mcp-name": name }),
  };
}

/** The call as a request of the 2026-07-28 revision. */
export function modernRequest({ tool, input, expect }: WireCall): LoadRequest {
  const params = { name: tool, arguments: input, _meta: envelope };
  return {
    headers: modernHeaders("tools/call", params),
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params }),
    expect,
  };
}

/** The call as a request within a session of an earlier revision. */
export function legacyRequest({ tool, input, expect }: WireCall, session: string): LoadRequest {
  const params = { name: tool, arguments: input };
  return {
    headers: {
      ...common,
      "mcp-protocol-version": LEGACY,
      ...(session !== "" && { "mcp-session-id": session }),
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params }),
    expect,
  };
}

/** Open a session; the id is empty where a server works without sessions. */
export async function openSession(port: number): Promise<string> {
  const params = { protocolVersion: LEGACY, capabilities: {}, clientInfo };
  const opened = await post(port, common, { id: 1, method: "initialize", params });
  await opened.text();
  const session = opened.headers.get("mcp-session-id") ?? "";
  const headers = {
    ...common,
    "mcp-protocol-version": LEGACY,
    ...(session !== "" && { "mcp-session-id": session }),
  };
  await (await post(port, headers, { method: "notifications/initialized" })).text();
  return session;
}

async function post(
  port: number,
  headers: Readonly<Record<string, string>>,
  message: Readonly<Record<string, unknown>>,
): Promise<Response> {
  const response = await fetch(`http://127.0.0.1:${port}/mcp`, {
    method: "POST",
    headers,
    body: JSON.stringify({ jsonrpc: "2.0", ...message }),
  });
  if (response.ok) return response;
  throw new UnavailableError(
    "peer_unreachable",
    `${message.method} was answered ${response.status}: ${await response.text()}`,
  );
}

/** The calls as requests to the server at `port`, a session opened where the dialect needs one. */
export async function requestsTo(
  port: number,
  dialect: Dialect,
  calls: readonly WireCall[],
): Promise<readonly LoadRequest[]> {
  if (dialect === "modern") return calls.map(modernRequest);
  const session = await openSession(port);
  return calls.map((call) => legacyRequest(call, session));
}

/** Ask once, and take as a failure whatever does not hold the expected answer. */
export async function ask(port: number, { headers, body, expect }: LoadRequest): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/mcp`, { method: "POST", headers, body });
  const text = await response.text();
  if (response.ok && text.includes(expect)) return;
  throw new UnavailableError(
    "peer_unreachable",
    `The answer ${response.status} does not hold ${expect}: ${text.slice(0, 500)}`,
  );
}

/** Sixteen different sums, so that nothing can answer them from the last one. */
export const sums: readonly WireCall[] = Array.from({ length: 16 }, (_, index) => ({
  tool: "add",
  input: { a: 1000 + index, b: 7 * index },
  expect: `"structuredContent":{"sum":${1000 + 8 * index}}`,
}));

/** The same calls through the meta-tool `dispatch`. */
export const dispatchedSums: readonly WireCall[] = sums.map(({ tool, input, expect }) => ({
  tool: "dispatch",
  input: { tool, params: input },
  expect,
}));
