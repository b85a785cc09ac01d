/**
 * The mesh of a server elsewhere, for hosts that have none of their own: an edge function hands calls
 * of mesh tools to its home server over HTTP.
 *
 * @module
 */

import { errorOfReport, messageOf, ToolError, UnavailableError } from "../errors.ts";
import { META_KEY, MODERN_VERSION } from "../mcp/protocol.ts";
import { CALLER_HEADER, formatCaller } from "../registry/caller-header.ts";
import type { ToolContext } from "../registry/context.ts";
import type { Tool } from "../registry/definition.ts";
import type { Registry } from "../registry/registry.ts";
import type { CallResult } from "../registry/result.ts";
import { PEER_PREFIX } from "../registry/visibility.ts";
import type { Runtime } from "../router/runtime.ts";

type Lookup = Pick<Registry, "loaded" | "resolve">;

/** Where the home server is. */
export interface HomeOptions {
  /** Without a path, e.g. `https://tools.example`. */
  readonly url: string;
  /** An API key of it. */
  readonly key: string | undefined;
  /** What makes it the one to ask, e.g. `which home.url (MCPP_HOME) names`. */
  readonly why: string;
  /** The key lets this server speak for its callers; others are known there by the key alone. */
  readonly tellsCaller?: boolean;
  readonly fetch: (url: URL, init: RequestInit) => Promise<Response>;
}

/** A server that runs calls for this one. */
export interface Home {
  readonly url: string;
  /** The result of a tool there; throws the error that it answered, in its family. */
  call(
    tool: string,
    input: unknown,
    context: Pick<ToolContext, "signal" | "caller">,
  ): Promise<CallResult>;
  /** The result of a method of MCP, or of an extension of it. */
  request(method: string, params: Json, signal?: AbortSignal): Promise<Json>;
}

type Json = Readonly<Record<string, unknown>>;

/** A home server at this address. */
export function createHome(options: HomeOptions): Home {
  const { url } = options;
  return {
    url,
    async call(tool, input, { signal, caller }) {
      const path = `/tools/${encodeURIComponent(tool)}`;
      const headers = options.tellsCaller ? { [CALLER_HEADER]: formatCaller(caller) } : {};
      const { ok, status, body } = await post(options, path, input, headers, signal);
      if (ok) return body as CallResult;
      throw errorOf(url, status, body);
    },
    async request(method, params, signal) {
      const _meta = {
        [META_KEY.protocolVersion]: MODERN_VERSION,
        [META_KEY.clientCapabilities]: {},
      };
      const message = { jsonrpc: "2.0", id: 1, method, params: { ...params, _meta } };
      const headers = {
        accept: "application/json, text/event-stream",
        "mcp-protocol-version": MODERN_VERSION,
        "mcp-method": method,
      };
      const { status, body } = await post(options, "/mcp", message, headers, signal);
      const { result, error } = body as { readonly result?: Json; readonly error?: Json };
      if (result) return result;
      const data = (error?.data ?? {}) as Json;
      throw errorOf(url, status, { code: data.code, message: error?.message, data });
    },
  };
}

async function post(
  { url, key, why, fetch }: HomeOptions,
  path: string,
  content: unknown,
  headers: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<{ readonly ok: boolean; readonly status: number; readonly body: unknown }> {
  const response = await fetch(new URL(path, url), {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
      ...headers,
    },
    body: JSON.stringify(content),
    ...(signal && { signal }),
  }).catch((cause: unknown) => {
    signal?.throwIfAborted();
    throw unreachable(url, why, messageOf(cause), cause);
  });
  const { ok, status } = response;
  const text = await response.text();
  try {
    return { ok, status, body: JSON.parse(dataOf(text)) };
  } catch (cause) {
    throw unreachable(url, why, `it answered ${status} without JSON`, cause);
  }
}

/** An answer may come as the last event of a stream. */
function dataOf(text: string): string {
  const events = text.match(/^data: ?(.*)$/gm);
  return events?.at(-1)?.replace(/^data: ?/, "") ?? text;
}

/** The runtime of mesh tools where the mesh is at home. */
export function createHomeRuntime(home: Home): Runtime {
  return {
    name: "mesh",
    availability: () => ({ available: true }),
    run: ({ tool }, input, context) =>
      // A call for a peer carries what the home server is to dispatch.
      tool.peer === undefined ? home.call(tool.name, input, context) : tool.run(input, context),
  };
}

/** Calls that name a peer go to the home server, which knows it. */
export function withPeersAtHome(lookup: Lookup, home: Home): Lookup {
  return {
    loaded: (name, caller) => lookup.loaded(name, caller),
    resolve: async (name, caller, category) => {
      if (!category?.startsWith(PEER_PREFIX)) return lookup.resolve(name, caller, category);
      const tool = peerTool(home, category.slice(PEER_PREFIX.length), name);
      return { name, category, tool };
    },
  };
}

/** A tool of a peer that the home server knows. */
function peerTool(home: Home, peer: string, name: string): Tool {
  return {
    name,
    title: name,
    summary: `The tool ${name} of peer ${peer}`,
    description: `The tool ${name} of peer ${peer}, called through the home server`,
    inputSchema: { type: "object" },
    annotations: {},
    routing: { runtime: "mesh" },
    access: "destructive",
    peer,
    parse: (input) => input ?? {},
    run: (params, context) => home.call("dispatch", { tool: name, peer, params }, context),
  };
}

function unreachable(url: string, why: string, reason: string, cause: unknown): UnavailableError {
  return new UnavailableError(
    "runtime_unavailable",
    `The server ${url}, ${why}, cannot be used: ${reason}`,
    { cause, data: { home: url } },
  );
}

function errorOf(url: string, status: number, body: unknown): Error {
  const { code, message, data } = (body ?? {}) as Readonly<Record<string, unknown>>;
  const said = typeof message === "string" ? message : `it answered ${status}`;
  const facts = typeof data === "object" && data !== null ? data : {};
  const known = errorOfReport({ code: String(code), message: said, data: { ...facts } });
  return known ?? new ToolError("tool_failed", `The server ${url} failed: ${said}`);
}
