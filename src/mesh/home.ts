/**
 * The mesh of a server elsewhere, for hosts that have none of their own: an edge function hands calls
 * of mesh tools to its home server over HTTP.
 *
 * @module
 */

import { errorOfReport, messageOf, ToolError, UnavailableError } from "../errors.ts";
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
  readonly fetch: (url: URL, init: RequestInit) => Promise<Response>;
}

/** A server that runs calls for this one. */
export interface Home {
  /** The result of a tool there; throws the error that it answered, in its family. */
  call(tool: string, input: unknown, context: Pick<ToolContext, "signal">): Promise<CallResult>;
}

/** A home server at this address. */
export function createHome({ url, key, fetch }: HomeOptions): Home {
  return {
    async call(tool, input, { signal }) {
      const response = await fetch(new URL(`/tools/${encodeURIComponent(tool)}`, url), {
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...(key !== undefined && { authorization: `Bearer ${key}` }),
        },
        body: JSON.stringify(input),
        signal,
      }).catch((cause: unknown) => {
        signal.throwIfAborted();
        throw unreachable(url, messageOf(cause), cause);
      });
      const body: unknown = await response.json().catch((cause: unknown) => {
        throw unreachable(url, `it answered ${response.status} without JSON`, cause);
      });
      if (response.ok) return body as CallResult;
      throw errorOf(url, response.status, body);
    },
  };
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

function unreachable(url: string, reason: string, cause: unknown): UnavailableError {
  return new UnavailableError(
    "runtime_unavailable",
    `The home server ${url}, which home.url (MCPP_HOME) names, cannot be used: ${reason}`,
    { cause, data: { home: url } },
  );
}

function errorOf(url: string, status: number, body: unknown): Error {
  const { code, message, data } = (body ?? {}) as Readonly<Record<string, unknown>>;
  const said = typeof message === "string" ? message : `it answered ${status}`;
  const facts = typeof data === "object" && data !== null ? data : {};
  const known = errorOfReport({ code: String(code), message: said, data: { ...facts } });
  return known ?? new ToolError("tool_failed", `The home server ${url} failed: ${said}`);
}
